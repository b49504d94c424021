// Package e2e tells stories to the built program, on both databases: real processes, real network, real kills.
package e2e

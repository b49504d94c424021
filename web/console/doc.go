// Package console is the agency's side: a file per noun, each with its pages and
// its acts, and one table of routes. Pages show what the use cases of package app
// answer and compute nothing of their own.
package console

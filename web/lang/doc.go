// Package lang is the six languages of the portal: their catalogs, one file each, and how they write money, numbers,
// dates and plurals. English is the language the rules and the pieces are written in; the others translate the very
// same sentences, so that agency and client read the same.
package lang

// Package api is the HTTP interface for programs: JSON under /api/v2/external-billing.
//
// Every route is registered once, with its words, its scope and the types of what goes in and out; the OpenAPI document
// is made of the same types, so that the two cannot differ. A handler reads, asks package app and answers. A noun is a
// file: the type that is answered, how it is made of a row, the type of the input and how it is read.
package api

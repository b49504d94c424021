// Package ui holds the pieces every page is made of: their data as Go structs,
// their markup as html/template files beside them, one stylesheet and one
// script module. It knows no rule and no figure of the business: callers hand it
// words and exact numbers already formatted, and it shows them, escaped.
//
// A page is a struct that embeds [Page] (title, navigation, notices) and, when
// it has markup of its own, a template file given to [New]. In that template
//
//	{{show .Plan}}            renders any [Piece]
//	{{card "Title" .A .B}}    wraps pieces in a card
//	{{body "part" .}}         makes a piece of a {{define "part"}} in the same file
//	{{icon "check"}}          draws one of the icons
//
// A page without markup of its own puts pieces into [Page.Body] and renders
// [PiecesOnly]. Everything works with scripts off; ui.js only improves it. No page
// may carry an inline style or script: the policy that [Renderer.Render] sends
// forbids both.
package ui

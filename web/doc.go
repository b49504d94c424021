// Package web serves the pages: the door (set-up, login, invitations), the
// console of the agency and the portal of its clients. It finds out who visits
// and whether they may; what a page shows is the business of [console] and
// [portal], and what pages are made of that of [ui].
package web

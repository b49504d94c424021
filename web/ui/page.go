package ui

// Face is the shell a page is shown in.
type Face string

// The three shells: the agency's console, the portal of its clients, and the
// door: signing in, errors, anything before one is inside.
const (
	Console Face = "console"
	Portal  Face = "portal"
	Door    Face = "door"
)

// Page is what every page has. Views embed it.
type Page struct {
	Face    Face
	Lang    string // the tag of a [Language] the renderer speaks; English if empty
	Title   string
	Sub     string
	Brand   Brand
	Nav     []Nav
	Who     Who
	Crumbs  []Link
	Status  []Badge
	Actions []Piece // the primary one last
	Tabs    *Tabs
	Flash   []Flash
	Banners []Banner // most severe first
	Clock   string   // a sandbox's test clock, in words
	Body    []Piece  // for pages without markup of their own, see [PiecesOnly]
	Foot    []Piece  // below everything: whom to ask

	Find    string // the page that finds things by the parameter q: the search of the console and its palette
	Live    string // where changes are told as server-sent events
	Refresh int    // without scripts, load anew after so many seconds: something is under way
}

// Brand is whose house this is.
type Brand struct {
	Name          string
	URL           string // its home
	Sheet         string // a stylesheet of this origin that sets --brand, if any
	Logo          string // a picture of this origin, if any, which shows the name
	Width, Height int64  // of the picture
	Icon          string // a small one for the browser's tab
}

// Nav is one entry of the navigation.
type Nav struct {
	Text, URL, Icon, Count string
	Key                    string // pressed after "g" it leads there
	Current                bool
}

// Who is signed in, and how to leave.
type Who struct {
	Name, Role string
	URL        string // the own account
	Out        Form   // without an action there is no way out to show
}

// Chrome makes every struct that embeds Page a [View].
func (p Page) Chrome() Page { return p }

// Document is what the browser's tab and history call the page: the views it is split into, the closest first, and its title.
func (p Page) Document() string {
	name := p.Title
	if p.Tabs != nil {
		name = p.Tabs.before(name)
	}
	for _, piece := range p.Body {
		if inner, is := piece.(Tabs); is {
			name = inner.before(name)
		}
	}
	return name
}

// before puts the view that is shown in front of a title, unless it is the first: that one is the page itself.
func (t Tabs) before(title string) string {
	for i, tab := range t.Items {
		if tab.Current && i > 0 {
			return tab.Text + " · " + title
		}
	}
	return title
}

// Shell is the face as the stylesheet knows it; the door if none is given.
func (p Page) Shell() Face {
	switch p.Face {
	case Console, Portal:
		return p.Face
	}
	return Door
}

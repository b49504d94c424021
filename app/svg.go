package app

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An SVG is read token by token, and only what is on these lists is written down again. Scripts, handlers, animation,
// pictures within, foreign markup, references to other files and whatever tomorrow brings are on none of them.
var (
	svgElements = words(`svg g path rect circle ellipse line polyline polygon text tspan title desc defs linearGradient radialGradient stop clipPath mask`)
	svgAttrs    = words(`id viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points dx dy offset transform gradientTransform gradientUnits
		spreadMethod clipPathUnits maskUnits maskContentUnits preserveAspectRatio pathLength text-anchor dominant-baseline textLength lengthAdjust version`)
	svgStyles = words(`fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray
		stroke-dashoffset stroke-opacity opacity color stop-color stop-opacity clip-path clip-rule mask display visibility
		font-family font-size font-weight font-style letter-spacing`)
	// svgValue is what a value may look like: numbers, names, colours, path letters, and url(#something of this picture).
	svgValue  = regexp.MustCompile(`^[A-Za-z0-9#%.,+\-\s()'_:]*$`)
	svgRefers = regexp.MustCompile(`(?i)url\s*\(\s*['"]?([^)'"]*)['"]?\s*\)`)
	svgName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

var errNoSVG = errors.New("no SVG")

const (
	svgSpace      = "http://www.w3.org/2000/svg"
	mostSVGDepth  = 64
	mostSVGTokens = 20_000
)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// cleanSVG writes a picture down again with nothing in it but shapes.
func cleanSVG(content []byte) (Logo, error) {
	c := &svgCleaner{in: xml.NewDecoder(bytes.NewReader(content))}
	c.in.Entity = map[string]string{} // a document does not bring words of its own
	c.in.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("only UTF-8") }
	if err := c.run(); err != nil {
		return Logo{}, badLogo("cannot be read as a picture: "+err.Error(), "Send a PNG, JPEG or plain SVG file.")
	}
	return Logo{Type: "image/svg+xml", Width: c.width, Height: c.height, Content: c.out.Bytes()}, nil
}

// svgCleaner is one picture on its way through.
type svgCleaner struct {
	in            *xml.Decoder
	out           bytes.Buffer
	depth         int
	drawn         int // shapes
	width, height int64
}

func (c *svgCleaner) run() error {
	for range mostSVGTokens {
		token, err := c.in.Token()
		if errors.Is(err, io.EOF) {
			return c.end()
		}
		if err != nil {
			return err
		}
		if err := c.token(token); err != nil {
			return err
		}
	}
	return errors.New("it has too many parts")
}

func (c *svgCleaner) end() error {
	switch {
	case c.out.Len() == 0 || c.depth != 0:
		return errNoSVG
	case c.drawn == 0:
		return errors.New("nothing in it can be drawn")
	}
	return nil
}

func (c *svgCleaner) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return c.start(t)
	case xml.EndElement:
		c.depth--
		c.out.WriteString("</" + t.Name.Local + ">")
	case xml.CharData:
		if c.depth > 0 {
			return xml.EscapeText(&c.out, t)
		}
		if len(bytes.TrimSpace(t)) > 0 {
			return errNoSVG
		}
	case xml.Directive:
		if bytes.ContainsAny(t, "[") || bytes.Contains(bytes.ToUpper(t), []byte("ENTITY")) {
			return errors.New("it declares entities")
		}
	case xml.Comment, xml.ProcInst:
	}
	return nil
}

func (c *svgCleaner) start(e xml.StartElement) error {
	root := c.depth == 0
	switch {
	case root && (e.Name.Local != "svg" || e.Name.Space != svgSpace || c.out.Len() > 0):
		return errNoSVG
	case e.Name.Local == "style" && e.Name.Space == svgSpace:
		return errors.New("it has a style sheet; export it with its colours as attributes")
	case e.Name.Space != svgSpace || !svgElements[e.Name.Local] || !root && e.Name.Local == "svg":
		return c.in.Skip()
	}
	if c.depth++; c.depth > mostSVGDepth {
		return errors.New("it is nested too deep")
	}
	if slices.Contains([]string{"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text"}, e.Name.Local) {
		c.drawn++
	}
	attrs := cleanAttrs(e.Attr)
	if root {
		var err error
		if attrs, err = c.frame(attrs); err != nil {
			return err
		}
	}
	c.out.WriteString("<" + e.Name.Local)
	for _, a := range attrs {
		c.out.WriteString(" " + a.name + `="`)
		if err := xml.EscapeText(&c.out, []byte(a.value)); err != nil {
			return err
		}
		c.out.WriteByte('"')
	}
	c.out.WriteByte('>')
	return nil
}

// svgAttr is an attribute that may stay.
type svgAttr struct{ name, value string }

func cleanAttrs(attrs []xml.Attr) (kept []svgAttr) {
	add := func(name, value string) {
		value = strings.TrimSpace(value)
		named := slices.ContainsFunc(kept, func(a svgAttr) bool { return a.name == name })
		if !named && (svgAttrs[name] || svgStyles[name]) && goodSVGValue(name, value) {
			kept = append(kept, svgAttr{name, value})
		}
	}
	for _, a := range attrs { // a style stands before attributes of the same name
		if a.Name.Space == "" && a.Name.Local == "style" {
			for one := range strings.SplitSeq(a.Value, ";") {
				name, value, _ := strings.Cut(one, ":")
				add(strings.TrimSpace(strings.ToLower(name)), value)
			}
		}
	}
	for _, a := range attrs {
		if a.Name.Space == "" && a.Name.Local != "style" {
			add(a.Name.Local, a.Value)
		}
	}
	return kept
}

// goodSVGValue lets plain values pass; a reference may lead only to a part of the same picture.
func goodSVGValue(name, value string) bool {
	if name == "id" {
		return svgName.MatchString(value)
	}
	if !svgValue.MatchString(strings.ReplaceAll(value, `"`, "'")) {
		return false
	}
	for _, m := range svgRefers.FindAllStringSubmatch(value, -1) {
		if part, local := strings.CutPrefix(m[1], "#"); !local || !svgName.MatchString(part) {
			return false
		}
	}
	rest := svgRefers.ReplaceAllString(value, "")
	return !strings.Contains(strings.ToLower(rest), "url") && !strings.Contains(rest, ":")
}

// frame gives the picture a size and a view box, and the namespace that makes it a picture.
func (c *svgCleaner) frame(attrs []svgAttr) ([]svgAttr, error) {
	find := func(name string) string {
		for _, a := range attrs {
			if a.name == name {
				return a.value
			}
		}
		return ""
	}
	w, h := svgLength(find("width")), svgLength(find("height"))
	box := strings.FieldsFunc(find("viewBox"), func(r rune) bool { return r == ' ' || r == ',' })
	if len(box) == 4 {
		w, h = svgLength(box[2]), svgLength(box[3])
	}
	if w <= 0 || h <= 0 {
		return nil, errors.New("it says neither width and height nor a view box")
	}
	scale := mostLogoSide / max(w, h)
	c.width, c.height = int64(math.Round(max(1, w*scale))), int64(math.Round(max(1, h*scale)))
	framed := []svgAttr{{"xmlns", svgSpace}, {"width", strconv.FormatInt(c.width, 10)}, {"height", strconv.FormatInt(c.height, 10)}}
	if len(box) != 4 {
		framed = append(framed, svgAttr{"viewBox", fmt.Sprintf("0 0 %g %g", w, h)})
	}
	for _, a := range attrs {
		if a.name != "width" && a.name != "height" {
			framed = append(framed, a)
		}
	}
	return framed, nil
}

// svgLength is a length in pixels, or 0 for what is none.
func svgLength(text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), "px"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n > 1e6 {
		return 0
	}
	return n
}

package app

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
)

const head = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">`

// What has no place in a logo does not come out of the cleaner, whatever it is wrapped in.
func TestSVGIsMadeSafe(t *testing.T) {
	t.Parallel()
	shape := `<rect width="10" height="10" fill="#123456"/>`
	for name, hostile := range map[string]string{
		"a script":              head + shape + `<script>alert(1)</script></svg>`,
		"a script of SVG 2":     head + shape + `<script href="data:text/javascript,alert(1)"/></svg>`,
		"a handler":             strings.Replace(head, "viewBox", `onload="alert(1)" viewBox`, 1) + shape + `</svg>`,
		"a handler on a shape":  head + `<rect width="1" height="1" ONCLICK="alert(1)" onmouseover='alert(1)'/></svg>`,
		"foreign markup":        head + shape + `<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script><iframe src="https://evil.example"/></body></foreignObject></svg>`,
		"markup of HTML":        head + shape + `<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script><h:img xmlns:h="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/></svg>`,
		"a link":                head + `<a xlink:href="javascript:alert(1)">` + shape + `</a>` + shape + `</svg>`,
		"a picture within":      head + shape + `<image href="https://evil.example/pixel.png" width="1" height="1"/></svg>`,
		"a reference elsewhere": head + shape + `<use href="https://evil.example/x.svg#a"/></svg>`,
		"a fill elsewhere":      head + `<rect width="1" height="1" fill="url(https://evil.example/x.svg#a)"/></svg>`,
		"a fill in a style":     head + `<rect width="1" height="1" style="fill: url('//evil.example/a#b'); behavior: url(x)"/></svg>`,
		"an escaped style":      head + `<rect width="1" height="1" style="fill: u\72l(https://evil.example/a)"/></svg>`,
		"an expression":         head + `<rect width="1" height="1" style="fill: expression(alert(1)); -moz-binding: url(x)"/></svg>`,
		"an animation":          head + `<rect width="1" height="1"><set attributeName="href" to="javascript:alert(1)"/><animate attributeName="fill" values="javascript:alert(1)"/></rect></svg>`,
		"a filter":              head + shape + `<filter id="f"><feImage href="https://evil.example/a"/></filter></svg>`,
		"an instruction":        `<?xml-stylesheet href="https://evil.example/a.css"?>` + head + shape + `</svg>`,
		"a comment":             head + `<!-- <script>alert(1)</script> -->` + shape + `</svg>`,
		"CDATA":                 head + shape + `<text><![CDATA[<script>alert(1)</script>]]></text></svg>`,
		"a name to break out":   head + `<rect id='&quot;>&lt;script>alert(1)&lt;/script>' fill='red&quot;>&lt;script>' width="1" height="1"/></svg>`,
		"a title with markup":   head + shape + `<title>&lt;script&gt;alert(1)&lt;/script&gt;</title></svg>`,
		"a nested picture":      head + shape + `<svg onload="alert(1)"><script>alert(1)</script></svg></svg>`,
		"a data address":        head + `<rect width="1" height="1" fill="data:image/svg+xml,x" stroke="url(data:x)"/></svg>`,
		"a prefix":              `<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><s:rect width="1" height="1"/><s:script>alert(1)</s:script></s:svg>`,
	} {
		logo, err := cleanSVG([]byte(hostile))
		if err != nil {
			t.Errorf("%s: refused: %v", name, err)
			continue
		}
		if fault := unsafe(logo.Content); fault != "" {
			t.Errorf("%s: %s came through: %s", name, fault, logo.Content)
		}
	}
}

// unsafe reads a picture again and names what should not be in it, by lists of its own.
func unsafe(svg []byte) string {
	in := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return "what cannot be read: " + err.Error()
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch strings.ToLower(e.Name.Local) {
			case "script", "foreignobject", "image", "use", "a", "iframe", "style", "animate", "set", "animatetransform", "animatemotion", "filter", "feimage", "body", "img", "handler", "listener", "audio", "video", "embed", "object", "link":
				return "<" + e.Name.Local + ">"
			}
			if e.Name.Space != "http://www.w3.org/2000/svg" {
				return "markup of " + e.Name.Space
			}
			for _, a := range e.Attr {
				name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
				switch {
				case strings.HasPrefix(name, "on"), name == "href", name == "style", name == "src":
					return name
				case name != "xmlns" && (strings.Contains(value, ":") || strings.Contains(value, "//") || strings.Contains(value, `\`) || strings.Contains(value, "url(") && !strings.Contains(value, "url(#")):
					return name + "=" + value
				}
			}
		case xml.Directive, xml.ProcInst, xml.Comment:
			return "what is no shape"
		}
	}
}

func TestSVGKeepsWhatIsDrawn(t *testing.T) {
	t.Parallel()
	logo, err := cleanSVG([]byte(`<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">
		<svg xmlns="http://www.w3.org/2000/svg" width="200px" height="50" version="1.1"><defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs>
		<path style="fill:url(#g);stroke:rgb(1, 2, 3)" d="M0 0h10v-1.5e3z" transform="translate(1,-2) rotate(45)"/><text x="1">A &amp; B</text></svg>`))
	if err != nil {
		t.Fatal(err)
	}
	if logo.Width != 512 || logo.Height != 128 {
		t.Errorf("it is %d × %d, want 512 × 128", logo.Width, logo.Height)
	}
	for _, want := range []string{`viewBox="0 0 200 50"`, `fill="url(#g)"`, `stroke="rgb(1, 2, 3)"`, `d="M0 0h10v-1.5e3z"`, `transform="translate(1,-2) rotate(45)"`, `stop-color="#fff"`, "A &amp; B"} {
		if !strings.Contains(string(logo.Content), want) {
			t.Errorf("%s is lost in %s", want, logo.Content)
		}
	}
	again, err := cleanSVG(logo.Content)
	if err != nil || string(again.Content) != string(logo.Content) {
		t.Errorf("cleaning what is clean changes it: %s, %v", again.Content, err)
	}
}

func TestLogosThatAreRefused(t *testing.T) {
	t.Parallel()
	bomb := `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + head + `<text>&b;</text></svg>`
	for name, content := range map[string]string{
		"nothing": "", "words": "hello", "HTML": "<html><svg/></html>", "an SVG of nothing": head + "</svg>", "half an SVG": head + "<rect>",
		"entities": bomb, "an entity": head + "<text>&evil;</text></svg>", "two roots": head + `<rect width="1" height="1"/></svg>` + head + `<rect width="1" height="1"/></svg>`,
		"a style sheet": head + "<style>rect{fill:red}</style><rect/></svg>", "no size": `<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>`, "no namespace": `<svg viewBox="0 0 1 1"><rect/></svg>`,
		"a great depth": head + strings.Repeat("<g>", 100) + `<rect/>` + strings.Repeat("</g>", 100) + "</svg>",
		"many parts":    head + strings.Repeat("<g/>", 15_000) + "<rect/></svg>",
		"a broken PNG":  "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100),
		"a GIF":         "GIF89a" + strings.Repeat("x", 100),
		"too much":      head + strings.Repeat(" ", MostLogoBytes) + "</svg>",
		"a huge PNG":    hugePNG(t),
	} {
		if logo, err := cleanLogo([]byte(content)); err == nil {
			t.Errorf("%s became %s", name, logo.Content)
		}
	}
}

// hugePNG says of itself to have 100,000 × 100,000 points.
func hugePNG(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	huge := b.Bytes()
	copy(huge[16:24], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0})
	return string(huge)
}

func TestPicturesAreWrittenAnew(t *testing.T) {
	t.Parallel()
	big := image.NewNRGBA(image.Rect(0, 0, 1024, 256))
	for i := range big.Pix {
		big.Pix[i] = 0xff
	}
	big.Set(5, 5, color.NRGBA{R: 0xff, A: 0xff})
	var p, j bytes.Buffer
	if err := errors.Join(png.Encode(&p, big), jpeg.Encode(&j, big, nil)); err != nil {
		t.Fatal(err)
	}
	for kind, content := range map[string][]byte{"image/png": append(p.Bytes(), "<script>alert(1)</script>"...), "image/jpeg": append(j.Bytes(), "<?php evil"...)} {
		logo, err := cleanLogo(content)
		if err != nil {
			t.Fatal(err)
		}
		if logo.Type != kind || logo.Width != 512 || logo.Height != 128 {
			t.Errorf("%s became %s of %d × %d, want 512 × 128", kind, logo.Type, logo.Width, logo.Height)
		}
		if bytes.Contains(logo.Content, []byte("script")) || bytes.Contains(logo.Content, []byte("php")) {
			t.Errorf("what was hidden in the %s is still there", kind)
		}
		if _, _, err := image.Decode(bytes.NewReader(logo.Content)); err != nil {
			t.Errorf("%s cannot be read any more: %v", kind, err)
		}
	}
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte(head + `<rect width="1" height="1" style="fill:url(#a)"/></svg>`))
	f.Add([]byte(head + `<g><script>alert(1)</script></g><path d="M0 0"/></svg>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		logo, err := cleanSVG(content)
		if err != nil {
			return
		}
		if fault := unsafe(logo.Content); fault != "" {
			t.Errorf("%s came through: %s", fault, logo.Content)
		}
	})
}

package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// Shades are what one colour of a brand becomes in one theme: what is filled
// with it, the words on that, and a tone of it that can be read as words.
type Shades struct {
	Fill, On, Link string
	OnContrast     float64 // of the words on the fill; WCAG asks for 4.5
	FillContrast   float64 // of the colour itself as words on the page
}

// The grounds words stand on; a test compares them with the stylesheet.
var (
	lightGrounds = []string{"#ffffff", "#f7f7f9", "#f1f1f5"}
	darkGrounds  = []string{"#16171b", "#0e0f12", "#212329"}
)

const enough = 4.5

// LightShades are the shades of a colour on light ground. The colour is
// #rrggbb; anything else has none, and ok is false.
func LightShades(colour string) (s Shades, ok bool) { return shades(colour, "#000000", lightGrounds) }

// DarkShades are the shades of a colour on dark ground.
func DarkShades(colour string) (s Shades, ok bool) { return shades(colour, "#ffffff", darkGrounds) }

func shades(colour, towards string, grounds []string) (Shades, bool) {
	if _, ok := parseColour(colour); !ok {
		return Shades{}, false
	}
	s := Shades{Fill: colour, On: "#ffffff", FillContrast: least(colour, grounds)}
	if contrast(colour, "#000000") > contrast(colour, s.On) {
		s.On = "#000000"
	}
	s.OnContrast, s.Link = contrast(colour, s.On), colour
	for part := 1; least(s.Link, grounds) < enough && part <= 25; part++ {
		s.Link = mixed(colour, towards, float64(part)/25)
	}
	return s, true
}

// BrandSheet is a stylesheet that carries a brand's colour into every piece. The
// dark colour is made of the other if it is empty; without any there is no sheet.
func BrandSheet(accent, dark string) (sheet string, ok bool) {
	if dark == "" {
		dark = accent
	}
	l, fine := LightShades(accent)
	d, too := DarkShades(dark)
	if !fine || !too {
		return "", false
	}
	return fmt.Sprintf(":root { --brand: light-dark(%s, %s); --on-brand: light-dark(%s, %s); --link: light-dark(%s, %s); }\n",
		l.Fill, d.Fill, l.On, d.On, l.Link, d.Link), true
}

// SheetName is a name for a stylesheet that changes with its content.
func SheetName(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return hex.EncodeToString(sum[:8]) + ".css"
}

func parseColour(text string) (rgb [3]float64, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return rgb, false
	}
	for i := range rgb {
		n, err := strconv.ParseUint(text[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return rgb, false
		}
		rgb[i] = float64(n)
	}
	return rgb, true
}

// least is the least contrast of a colour with one of several grounds.
func least(colour string, grounds []string) float64 {
	least := math.Inf(1)
	for _, g := range grounds {
		least = min(least, contrast(colour, g))
	}
	return least
}

// contrast is what WCAG 2 calls the contrast ratio, from 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// luminance is WCAG's relative luminance of a colour that is known to be one.
func luminance(colour string) float64 {
	rgb, _ := parseColour(colour)
	part := func(c float64) float64 {
		if c /= 255; c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*part(rgb[0]) + .7152*part(rgb[1]) + .0722*part(rgb[2])
}

func mixed(colour, towards string, share float64) string {
	a, _ := parseColour(colour)
	b, _ := parseColour(towards)
	part := func(i int) int { return int(math.Round(a[i] + (b[i]-a[i])*share)) }
	return fmt.Sprintf("#%02x%02x%02x", part(0), part(1), part(2))
}

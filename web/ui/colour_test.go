package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever colour an agency chooses, words on it and words in it can be read.
func TestShadesCanBeRead(t *testing.T) {
	t.Parallel()
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				colour := fmt.Sprintf("#%02x%02x%02x", r, g, b)
				light, ok := LightShades(colour)
				dark, too := DarkShades(colour)
				if !ok || !too {
					t.Fatalf("%s is no colour", colour)
				}
				for theme, s := range map[*Shades][]string{&light: lightGrounds, &dark: darkGrounds} {
					if contrast(theme.Fill, theme.On) < enough || least(theme.Link, s) < enough {
						t.Errorf("%s: words on it %.2f, in it %.2f", colour, contrast(theme.Fill, theme.On), least(theme.Link, s))
					}
				}
			}
		}
	}
}

func TestGroundsAreTheStylesheets(t *testing.T) {
	t.Parallel()
	var light, dark []string
	for _, m := range token.FindAllStringSubmatch(string(static["ui.css"].content), -1) {
		if slices.Contains([]string{"paper", "ground", "raised"}, m[1]) {
			light, dark = append(light, m[2]), append(dark, m[3])
		}
	}
	slices.Sort(light)
	slices.Sort(dark)
	if want := slices.Sorted(slices.Values(lightGrounds)); !slices.Equal(light, want) {
		t.Errorf("light grounds are %v, want %v", want, light)
	}
	if want := slices.Sorted(slices.Values(darkGrounds)); !slices.Equal(dark, want) {
		t.Errorf("dark grounds are %v, want %v", want, dark)
	}
}

func TestBrandSheet(t *testing.T) {
	t.Parallel()
	sheet, ok := BrandSheet("#ffcc00", "")
	if !ok || !strings.Contains(sheet, "--brand: light-dark(#ffcc00, #ffcc00); --on-brand: light-dark(#000000, #000000)") {
		t.Errorf("BrandSheet(#ffcc00) = %q, %v", sheet, ok)
	}
	for _, bad := range []string{"", "red", "#fff", "#gggggg", "#1234567", "#12345;"} {
		if sheet, ok := BrandSheet(bad, ""); ok {
			t.Errorf("BrandSheet(%q) = %q", bad, sheet)
		}
	}
}

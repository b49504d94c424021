package ui

import (
	"fmt"
	"html/template"
	"strconv"
)

// icons are drawn on a grid of 16, in strokes of the colour of the words beside them.
var icons = map[string]string{
	"logo":      `<rect x="1.5" y="1.5" width="13" height="13" rx="3.5"/><path d="M5 11V7.5M8 11V5M11 11V8.5"/>`,
	"home":      `<path d="M2.5 7.2 8 2.5l5.5 4.7v6.3h-4v-4h-3v4h-4z"/>`,
	"clients":   `<circle cx="6" cy="5.2" r="2.7"/><path d="M1.5 13.5c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4M10.5 2.7a2.7 2.7 0 0 1 0 5M12 9.8c1.5.5 2.3 1.8 2.5 3.7"/>`,
	"requests":  `<path d="M3.5 1.5h9v13l-2.2-1.5L8 14.5 5.7 13l-2.2 1.5zM6 5.5h4M6 8.5h4"/>`,
	"catalog":   `<path d="M8 1.7 14 5v6l-6 3.3L2 11V5zM2.2 5.1 8 8.3l5.8-3.2M8 8.3v5.9"/>`,
	"usage":     `<path d="M1.5 8h2.3l2-5 4 10 2-5h2.7"/>`,
	"campaigns": `<path d="M2 6.2v3.6h2.5l5.5 3V3.2l-5.5 3zM12.3 6a3 3 0 0 1 0 4"/>`,
	"reports":   `<path d="M2 2v12h12M5 11V8M8.5 11V5M12 11V7"/>`,
	"settings":  `<path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6"/><circle cx="10" cy="4.5" r="1.8"/><circle cx="6" cy="11.5" r="1.8"/>`,
	"alert":     `<path d="M8 2 14.8 13.8H1.2zM8 6.5v3.3M8 11.6v.3"/>`,
	"info":      `<circle cx="8" cy="8" r="6.3"/><path d="M8 7.3v3.8M8 4.8v.3"/>`,
	"check":     `<path d="m3 8.5 3.3 3.3L13 4.7"/>`,
	"copy":      `<rect x="5.5" y="5.5" width="8" height="8.5" rx="1.5"/><path d="M3 10.5H2.5v-8h8V3"/>`,
	"external":  `<path d="M9.5 2.5h4v4M13.2 2.8 7.5 8.5M11.5 9.5v4h-9v-9h4"/>`,
	"search":    `<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`,
	"clock":     `<circle cx="8" cy="8" r="6.3"/><path d="M8 4.5V8l2.3 1.5"/>`,
	"plus":      `<path d="M8 3v10M3 8h10"/>`,
	"download":  `<path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11"/>`,
	"wallet":    `<path d="M2 4.5h11.5v9H2zM2 4.5l9-2.5v2.5M10.5 8.2h3v2h-3z"/>`,
	"picture":   `<rect x="1.8" y="2.8" width="12.4" height="10.4" rx="1.5"/><circle cx="5.3" cy="6.3" r="1.2"/><path d="m2.5 12 3.7-3.4 2.4 2L11 8l3 3"/>`,
	"phone":     `<path d="M3 2.5h2.7l1.2 3-1.6 1.2a8 8 0 0 0 4 4l1.2-1.6 3 1.2V13c0 .8-.7 1.2-1.4 1.1A11.5 11.5 0 0 1 1.9 3.9C1.8 3.2 2.2 2.5 3 2.5z"/>`,
}

// icon draws one by name. It is decoration: the words beside it say it all.
func icon(name string) (template.HTML, error) {
	drawing, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %s", strconv.Quote(name))
	}
	return template.HTML(`<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">` + drawing + `</svg>`), nil
}

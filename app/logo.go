package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"minutebook/billing"
)

// What a logo may be. Whatever comes in is read and written anew: nothing of the file itself reaches a browser.
const (
	MostLogoBytes  = 512 << 10
	mostLogoPixels = 16 << 20 // before it is made smaller
	mostLogoSide   = 512
)

func badLogo(text, remedy string) error {
	e := billing.Refuse(billing.Invalid, "bad_logo", text, remedy)
	e.Field = "logo"
	return e
}

// cleanLogo makes a picture safe to show.
func cleanLogo(content []byte) (Logo, error) {
	switch {
	case len(content) == 0:
		return Logo{}, badLogo("choose a picture", "")
	case len(content) > MostLogoBytes:
		return Logo{}, badLogo("is larger than 512 kB", "Make it smaller first.")
	}
	var logo Logo
	var err error
	switch {
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n")):
		logo, err = cleanPicture(content, "image/png")
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		logo, err = cleanPicture(content, "image/jpeg")
	default:
		logo, err = cleanSVG(content)
	}
	if err != nil {
		return Logo{}, err
	}
	sum := sha256.Sum256(logo.Content)
	logo.Hash = hex.EncodeToString(sum[:8])
	return logo, nil
}

// cleanPicture decodes a picture, makes it small enough, and encodes it without whatever else was in the file.
func cleanPicture(content []byte, kind string) (Logo, error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || "image/"+format != kind {
		return Logo{}, badLogo("cannot be read as a picture", "Send a PNG, JPEG or SVG file.")
	}
	if size.Width < 1 || size.Height < 1 || size.Width > mostLogoPixels/size.Height {
		return Logo{}, badLogo("has too many pixels", "Make it smaller first: 512 pixels a side are plenty.")
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return Logo{}, badLogo("cannot be read to its end", "Save it anew and try again.")
	}
	picture = shrunk(picture)
	var out bytes.Buffer
	if kind == "image/png" {
		err = png.Encode(&out, picture)
	} else {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: 90})
	}
	bounds := picture.Bounds()
	return Logo{Type: kind, Width: int64(bounds.Dx()), Height: int64(bounds.Dy()), Content: out.Bytes()}, err
}

// shrunk is a picture whose sides are at most mostLogoSide; each of its points is the average of those it stands for.
func shrunk(p image.Image) image.Image {
	b := p.Bounds()
	long := max(b.Dx(), b.Dy())
	if long <= mostLogoSide {
		return p
	}
	w, h := max(1, b.Dx()*mostLogoSide/long), max(1, b.Dy()*mostLogoSide/long)
	small := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			from := image.Rect(x*b.Dx()/w, y*b.Dy()/h, (x+1)*b.Dx()/w, (y+1)*b.Dy()/h).Add(b.Min)
			small.Set(x, y, average(p, from))
		}
	}
	return small
}

func average(p image.Image, of image.Rectangle) color.Color {
	var r, g, b, a, n uint64
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X; x++ {
			cr, cg, cb, ca := p.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(cr), g+uint64(cg), b+uint64(cb), a+uint64(ca), n+1
		}
	}
	n = max(n, 1)
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: uint16(a / n)}
}

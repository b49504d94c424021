package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var picturesTo = flag.String("pictures", "", "write the pictures of the documents into this folder")

// largest is how many bytes a picture of the documents may have.
const largest = 120_000

// pictured are the pictures of the documents: a page of the demo, reached by links, in a window.
var pictured = []struct {
	name          string
	portal        bool
	path          string
	links         []string // followed from there, by a part of their words
	width, height int64
	dark          bool
}{
	{name: "home", path: "/console", width: 1280, height: 900},
	{name: "billing", path: "/console/clients", links: []string{"Harbor Realty"}, width: 1280, height: 1040},
	{name: "clients-dark", path: "/console/clients", width: 1280, height: 620, dark: true},
	{name: "requests", path: "/console/requests", width: 1280, height: 800},
	{name: "receipt", path: "/console/usage?client=&status=&q=call-00551", links: []string{", "}, width: 1280, height: 640},
	{name: "plan", path: "/console/catalog", links: []string{"Growth"}, width: 1280, height: 720},
	{name: "report", path: "/console/reports/minutes", width: 1280, height: 860},
	{name: "portal", portal: true, path: "/portal", width: 1100, height: 1180},
	{name: "portal-phone", portal: true, path: "/portal", width: 360, height: 760, dark: true},
}

// The pages of the documents' pictures are there in the demo and can be pictured; `make pictures` keeps what this sees.
func TestPicturesOfTheDemo(t *testing.T) {
	d := startDemo(t)
	folder := *picturesTo
	if folder == "" {
		folder = t.TempDir()
	}
	for _, portal := range []bool{false, true} {
		d.enter(portal)
		for _, p := range pictured {
			if p.portal != portal {
				continue
			}
			d.window(p.width, p.height, p.dark)
			d.follow(p.path, p.links)
			picture := shrunk(t, d.picture())
			if len(picture) > largest {
				t.Errorf("%s has %d bytes, more than %d", p.name, len(picture), largest)
			}
			if err := os.WriteFile(filepath.Join(folder, p.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// demo is a running demo with a browser in front of it.
type demo struct {
	*testing.T
	url    string
	logins [][]string // e-mail address and password, of the console, then of the portal
	ctx    context.Context
}

// said is what a program has written so far.
type said struct {
	sync.Mutex
	bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	return s.Buffer.Write(p)
}

func (s *said) text() string {
	s.Lock()
	defer s.Unlock()
	return s.String()
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	out := &said{}
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	program := exec.Command(binary, "demo", "--listen", address)
	program.Stdout = out
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Process.Signal(os.Interrupt)
		program.Wait()
	})
	d := &demo{T: t, url: "http://" + address}
	if !patient(func() bool {
		d.logins = regexp.MustCompile(`(\S+@\S+) +/ +(.+)`).FindAllStringSubmatch(out.text(), -1)
		return len(d.logins) == 2 && d.ready()
	}) {
		t.Fatalf("the demo told no logins, or is not ready:\n%s", out.text())
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, 5*time.Minute)
	t.Cleanup(cancel)
	d.ctx = ctx
	return d
}

func (d *demo) ready() bool {
	answer, err := http.Get(d.url + "/readyz")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func (d *demo) do(actions ...chromedp.Action[chromedp.Void]) {
	d.Helper()
	if err := chromedp.Do(d.ctx, actions...); err != nil {
		d.Fatal(err)
	}
}

// enter logs in, after whoever was in has gone.
func (d *demo) enter(portal bool) {
	d.Helper()
	login := d.logins[0]
	if portal {
		login = d.logins[1]
		d.do(chromedp.Navigate(d.url+"/console"), chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
	}
	d.do(chromedp.Navigate(d.url+"/login"), chromedp.SetValue("#login-email", login[1]), chromedp.SetValue("#login-password", login[2]), chromedp.Click("#login button"), chromedp.WaitVisible("#out"))
}

func (d *demo) window(width, height int64, dark bool) {
	d.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	coloured := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
	d.do(chromedp.EmulateViewport(width, height), coloured)
}

// follow goes to a page and from there by links, each known by a part of its words.
func (d *demo) follow(path string, links []string) {
	d.Helper()
	d.do(chromedp.Navigate(d.url+path), chromedp.WaitReady("main"))
	for _, words := range links {
		to, err := chromedp.Run(d.ctx, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("main a")].find((a) => a.textContent.includes(%q))?.getAttribute("href") ?? ""`, words)))
		if err != nil || to == "" {
			d.Fatalf("%s has no link %q: %v", path, words, err)
		}
		d.do(chromedp.Navigate(d.url+to), chromedp.WaitReady("main"))
	}
}

func (d *demo) picture() []byte {
	d.Helper()
	picture, err := chromedp.Run(d.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		d.Fatal(err)
	}
	return picture
}

// shrunk is a picture in its 256 most frequent colours, which is all that a page has but for the edges of its letters.
func shrunk(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	often := map[color.RGBA]int{}
	bounds := full.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			often[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(often), func(a, b color.RGBA) int { return cmp.Compare(often[b], often[a]) })
	var palette color.Palette
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range colours {
		nearest[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			small.SetColorIndex(x, y, nearest[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

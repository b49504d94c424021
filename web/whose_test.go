package web_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"minutebook/app"
)

// Where there are too many clients to list, one is named in words; what a mapping said stays what it was.
func TestOneOfManyClients(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.leftovers()
	w.crowd(101)
	ctx := context.Background()
	id := idIn(t, owner.get("/console/clients?q=Practice+00077").linkTo("/console/clients/9"))
	for _, twin := range []string{"first", "second"} {
		if _, err := w.app.CreateClient(ctx, w.owner, app.ClientSpec{Name: "Twin", ExternalID: twin}); err != nil {
			t.Fatal(err)
		}
	}

	connection := owner.get("/console/settings/connections").linkTo("/console/settings/connections/9")
	form := owner.get(connection)
	form.submit("mappings", url.Values{"value_0": {"assistant"}, "client_0": {"Nobody Known"}}).is(422).has("No client is called that")
	form.submit("mappings", url.Values{"value_0": {"assistant"}, "client_0": {"Practice 000"}}).is(422).has("100 clients fit, such as Practice")
	form.submit("mappings", url.Values{"value_0": {"assistant"}, "client_0": {"twin"}}).is(422).has("2 clients are called that")
	form.submit("mappings", url.Values{"value_0": {"assistant"}, "client_0": {"second"}, "value_1": {"other"}, "client_1": {"practice 00077"}}).has("2 mappings are saved.")
	owner.get(connection).submit("mappings", nil).has("2 mappings are saved.") // sent as it stands, with a name that two have
	if _, values := owner.get(connection).form("mappings"); values.Get("client_0") != "Twin" || values.Get("client_1") != "Practice 00077" {
		t.Errorf("the mappings are kept as %v", values)
	}

	w.call(id, "call-1", 60_000)
	owner.get("/console/usage?client=practice+00077").has("call-1", "1 event")
	owner.get("/console/usage?client=" + id.String()).has("call-1")
	owner.get("/console/usage?client=practice").lacks("call-1").has("Whose calls?", "101 clients fit")
	owner.get("/console/usage?client=nobody").has("No client is called that.")
}

// While a client is named, those that fit are offered: by the browser's own list, which keys reach, and few of however
// many there are. Without scripts the name is typed as it was.
func TestNamesAreOffered(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.leftovers()
	w.crowd(10_000)
	if _, err := w.app.CreateClient(context.Background(), w.owner, app.ClientSpec{Name: `Zahn "& Söhne" <b>`, Email: "zahn@soehne.example"}); err != nil {
		t.Fatal(err)
	}
	connection := owner.get("/console/settings/connections").linkTo("/console/settings/connections/9")
	for _, path := range []string{"/console/usage", connection} {
		if size := len(owner.get(path).body); size > 60_000 {
			t.Errorf("%s has %d bytes", path, size)
		}
	}
	b := w.open(360, false)
	b.visit("/login")
	b.enter("ada@acme.example")
	for _, try := range []struct{ path, field string }{{"/console/usage", "[name=client]"}, {connection, "[name=client_0]"}} {
		b.visit(try.path)
		b.becomes(`document.documentElement.classList.contains("js")`)
		b.do(chromedp.SendKeys(try.field, "practice 0007"))
		offered := `[...document.querySelector("` + try.field + `").list.options]`
		b.becomes(offered + `.length === 8 && ` + offered + `.every((o) => o.value.startsWith("Practice 0007"))`)
		b.run(`document.querySelector("` + try.field + `").value = ""`)
		b.do(chromedp.SendKeys(try.field, "zahn"))
		b.becomes(offered + `.map((o) => o.value + " " + o.label).join() === 'Zahn "& Söhne" <b> zahn@soehne.example'`)
		b.behaved(try.path)
	}
	b.picture("names-360")
}

package web_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
	"minutebook/web"
	"minutebook/web/console"
	"minutebook/web/desk"
	"minutebook/web/portal"
)

// offices are two agencies on one server, alike in every name, with one of everything, reached without a network.
type offices struct {
	app     *app.App
	handler http.Handler
	writes  *storetest.Writes
	one     *office
	other   *office // nil when the first is alone
	turn    int     // whose ids are minted
	minted  [2]billing.ID
}

// office is one agency and those who have logged in.
type office struct {
	who                           app.Actor
	owner, member, client, second string            // sessions; second is of another client of the agency
	ids                           map[string]string // by the name of the parameter
}

// newOffices are the two. It panics where a test would fail: a fuzz target makes new ones while it runs.
func newOffices(t testing.TB) *offices {
	o := newOffice(t)
	o.turn = 1
	o.other = o.open("correct horse battery two")
	o.turn = 0
	return o
}

// newOffice is the first of them alone.
func newOffice(t testing.TB) *offices {
	o := &offices{writes: &storetest.Writes{}}
	o.serve(t, storetest.MigratedURL(t, "sqlite"))
	o.one = o.open("correct horse battery one")
	return o
}

// serve starts the server on the database at url, or starts it again on another.
func (o *offices) serve(t testing.TB, url string) {
	now := time.Date(2027, 1, 15, 10, 0, 0, 0, time.UTC)
	sealer, err := app.NewSealer(make([]byte, 32))
	settled(err)
	again := o.app != nil
	if !again {
		o.app = &app.App{}
	}
	*o.app = app.App{
		DB: storetest.Connect(t, url, store.Faults(o.writes.Strike)), Clock: func() time.Time { return now },
		Mint: o.mint, Secrets: sealer, PublicURL: "http://minutes.example", Log: slog.New(slog.DiscardHandler),
	}
	if !again { // the pages take longer to read than the database
		o.handler, err = web.New(o.app, web.Options{})
		settled(err)
	}
}

// mint counts for each agency by itself, so that what one of them sees can be compared to the byte.
func (o *offices) mint() billing.ID {
	o.minted[o.turn]++
	return billing.ID(o.turn+1)*1_000_000_000_000 + o.minted[o.turn]
}

func settled(err error) {
	if err != nil {
		panic(err)
	}
}

// made is what an act made, or a panic.
func made[T any](v T, err error) T {
	settled(err)
	return v
}

func (o *offices) open(password string) *office {
	ctx, a := context.Background(), o.app
	clock := a.Clock()
	agency, _, err := a.CreateAgency(ctx, app.AgencySpec{Name: "Acme Voice", OwnerEmail: "ada@acme.example", OwnerPassword: password, Timezone: "Europe/Berlin", Currency: "USD", TestClock: &clock})
	settled(err)
	f := &office{who: app.Operator(agency.ID), ids: map[string]string{}}
	usd, fee, rate := billing.Currency{Code: "USD", Digits: 2}, billing.Money(9900), billing.Rate(250_000)
	plan := made(a.CreatePlan(ctx, f.who, billing.Terms{Name: "Growth", Currency: usd, RecurringFee: &fee, Rate: &rate, Included: 300 * billing.Minute, Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 14, GraceDays: 7}))
	pack := made(a.CreatePack(ctx, f.who, billing.Pack{Name: "60 Minutes", Minutes: 60 * billing.Minute, Price: 1500, Currency: usd}))
	client := made(a.CreateClient(ctx, f.who, app.ClientSpec{Name: "Bright Dental", ExternalID: "bright", Email: "office@bright.example"}))
	second := made(a.CreateClient(ctx, f.who, app.ClientSpec{Name: "Clear Dental", ExternalID: "clear"}))
	settled(a.AssignPlan(ctx, f.who, client.ID, plan.ID))
	settled(a.AssignPacks(ctx, f.who, client.ID, []billing.ID{pack.ID}))
	made(a.Start(ctx, f.who, client.ID))
	request := made(a.RequestOneTime(ctx, f.who, client.ID, billing.OneTimeRequest{Currency: usd, Lines: []billing.LineItem{{Description: "Set-up", Amount: 500}}, DueAt: clock.AddDate(0, 1, 0)}))
	made(a.ReceivePayment(ctx, f.who, client.ID, billing.Payment{Currency: usd, Amount: 100, Method: "bank"}))
	campaign := made(a.RegisterCampaign(ctx, f.who, client.ID, billing.Campaign{Name: "Recall", ExternalID: "recall"}))
	connection := made(a.CreateConnection(ctx, f.who, "vapi", "Main", "secret", "client_id"))
	call := billing.UsageEvent{Source: "test", EventID: "1", Kind: billing.Call, EndedAt: clock, Talk: billing.Minute}
	event := made(a.RecordUsage(ctx, f.who, []app.UsageReport{{ClientID: client.ID, Raw: []byte(`{"a":1}`), UsageEvent: call}}))
	call.EventID = "2"
	made(a.RecordUsage(ctx, f.who, []app.UsageReport{{ClientExternalID: "nobody", Raw: []byte(`{"source":"test","event_id":"2"}`), UsageEvent: call}}))
	call.EventID, call.CallID, call.AssistantID = "3", "3", "assistant"
	made(a.RecordReport(ctx, connection, app.ProviderReport{UsageEvent: call}, []byte("{}")))
	key, _, err := a.CreateKey(ctx, f.who, "Reader", []string{app.ScopeRead}, time.Time{})
	settled(err)
	member, _, err := a.CreateUser(ctx, f.who, app.UserSpec{Email: "max@acme.example", Name: "Max", Role: app.Member, Password: password})
	settled(err)
	zoe := o.invite(f, client.ID, "zoe@bright.example", password)
	o.invite(f, second.ID, "yan@clear.example", password)
	f.owner, f.member = o.login("ada@acme.example", password), o.login("max@acme.example", password)
	f.client, f.second = o.login("zoe@bright.example", password), o.login("yan@clear.example", password)
	f.ids["host"] = made(a.AddPortalHost(ctx, f.who, "portal"+agency.ID.String()+".example")).Host
	for _, login := range made(a.Logins(ctx, f.who, f.owner)) {
		if login.Current {
			f.ids["login"] = login.ID
		}
	}
	for name, id := range map[string]billing.ID{
		"client": client.ID, "plan": plan.ID, "pack": pack.ID, "request": request, "campaign": campaign, "connection": connection.ID, "event": event[0].ID, "key": key.ID,
		"team user": member.ID, "client user": zoe, "rejected": made(a.Rejected(ctx, f.who, app.Page{Page: 1, Size: 1})).Items[0].ID,
		"unassigned": made(a.Unassigned(ctx, f.who, app.Page{Page: 1, Size: 1})).Items[0].ID,
	} {
		f.ids[name] = id.String()
	}
	return f
}

func (o *offices) invite(f *office, client billing.ID, email, password string) billing.ID {
	user, link, err := o.app.InviteClientUser(context.Background(), f.who, client, email, "")
	settled(err)
	_, token, _ := strings.Cut(link, "/invite/")
	made(o.app.AcceptInvite(context.Background(), token, password))
	return user.ID
}

func (o *offices) login(email, password string) string {
	token, _, err := o.app.Login(context.Background(), email, password, "192.0.2.1")
	settled(err)
	return token
}

// pages are all routes behind a login.
func pages() []desk.Route { return append(console.Routes(), portal.Routes()...) }

// path fills a route's path with the ids of an office.
func (f *office) path(route desk.Route) string {
	parts := strings.Split(route.Path, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		name := strings.Trim(part, "{}")
		switch {
		case name == "user" && slices.Contains(parts, "team"):
			name = "team user"
		case name == "user":
			name = "client user"
		case name == "event" && slices.Contains(parts, "rejected"):
			name = "rejected"
		case name == "event" && slices.Contains(parts, "unassigned"):
			name = "unassigned"
		}
		parts[i] = f.ids[name]
		if parts[i] == "" {
			panic("no id for " + part + " of " + route.Path)
		}
	}
	return strings.Join(parts, "/")
}

// visit asks for a page, or sends a form, with somebody's session or none. It answers nil for what no client can send.
func (o *offices) visit(session, method, target string, form io.Reader) *httptest.ResponseRecorder {
	r, err := http.NewRequest(method, "http://minutes.example"+target, form)
	if err != nil {
		return nil
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "minutebook_session", Value: session})
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

// method is how a route is asked.
func method(route desk.Route) string {
	how, _, _ := strings.Cut(route.Pattern(), " ")
	return how
}

// TestEveryPageRefusesEveryWrongVisitor asks every page and sends every form of an agency as everybody who may not.
func TestEveryPageRefusesEveryWrongVisitor(t *testing.T) {
	o := newOffices(t)
	quiet := []string{"sessions", "idempotency_keys"}
	asked := 0
	for _, route := range pages() {
		path, inPortal := o.one.path(route), strings.HasPrefix(route.Path, "/portal")
		for _, wrong := range []struct {
			who, session string
			foreign      bool // it is refused only where the path names something
		}{
			{"nobody", "", false},
			{"a made-up session", "AAAAAAAAAAAAAAAAAAAAAAAAAA", false},
			{"the owner of another agency", o.other.owner, true},
			{"a member of another agency", o.other.member, true},
			{"a client's user", o.one.client, false},
			{"another client's user", o.one.second, false},
			{"a client's user of another agency", o.other.client, false},
			{"a member", o.one.member, false},
		} {
			client, inside := strings.Contains(wrong.who, "client's user"), wrong.session != "" && !strings.Contains(wrong.session, "AAAA")
			switch {
			case wrong.foreign && !strings.Contains(route.Path, "{"): // their own
				continue
			case wrong.who == "a member" && !route.Admin && !inPortal, client && inPortal: // they may
				continue
			}
			asked++
			o.writes.Take()
			answer := o.visit(wrong.session, method(route), path, strings.NewReader(url.Values{"once": {"x"}, "reason": {"x"}}.Encode()))
			to := answer.Header().Get("Location")
			switch {
			case !inside && (answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/login")):
				t.Errorf("%s as %s: %d %s, want to be asked to log in", route.Pattern(), wrong.who, answer.Code, to)
			case inside && (path == "/console" || path == "/portal") && answer.Code == http.StatusSeeOther: // to their own side
			case inside && answer.Code != http.StatusNotFound && answer.Code != http.StatusForbidden && !(wrong.foreign && answer.Code == http.StatusUnprocessableEntity && route.Do != nil):
				t.Errorf("%s as %s: %d %s, want 403 or 404", route.Pattern(), wrong.who, answer.Code, to)
			}
			if wrote := o.writes.Take(quiet...); len(wrote) > 0 {
				t.Errorf("%s as %s wrote %v", route.Pattern(), wrong.who, wrote)
			}
			if wrong.foreign && strings.Contains(route.Path, "{") {
				o.sameAsUnknown(t, wrong.session, route, path, answer)
			}
		}
	}
	t.Logf("%d routes, %d wrong visits refused", len(pages()), asked)
}

// onceKey is what differs between two forms that are the same.
var onceKey = regexp.MustCompile(`name="once" value="[A-Z0-9]+"|[A-Z2-7]{26}`)

// sameAsUnknown compares the answer to a foreign id with that to one nobody has.
func (o *offices) sameAsUnknown(t *testing.T, session string, route desk.Route, path string, foreign *httptest.ResponseRecorder) {
	t.Helper()
	unknown, text := path, foreign.Body.String()
	for _, id := range o.one.ids {
		unknown = strings.ReplaceAll(unknown, id, "123456789")
		text = strings.ReplaceAll(text, id, "123456789")
	}
	answer := o.visit(session, method(route), unknown, strings.NewReader(url.Values{"once": {"x2"}, "reason": {"x"}}.Encode()))
	if got := answer.Body.String(); answer.Code != foreign.Code || onceKey.ReplaceAllString(got, "") != onceKey.ReplaceAllString(text, "") {
		t.Errorf("%s: a foreign id is told from an unknown one: %d and %d\n%s\n%s", route.Pattern(), foreign.Code, answer.Code, text, got)
	}
}

// TestPagesAreTheSameWithAndWithoutAnotherAgency shows every page to everybody who may see it, once with one agency on
// the server and once beside another that is alike in every name and was busy besides.
func TestPagesAreTheSameWithAndWithoutAnotherAgency(t *testing.T) {
	alone, beside := newOffice(t), newOffices(t)
	client := made(billing.ParseID(beside.other.ids["client"]))
	beside.turn = 1
	for n := range 30 {
		made(beside.app.RecordUsage(t.Context(), beside.other.who, []app.UsageReport{{ClientID: client, Raw: []byte("{}"), UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("more", n), Kind: billing.Call, EndedAt: beside.app.Clock(), Talk: 20 * billing.Minute}}}))
		made(beside.app.CreateClient(t.Context(), beside.other.who, app.ClientSpec{Name: fmt.Sprint("Bright Dental ", n)}))
	}
	made(beside.app.MoveTestClock(t.Context(), beside.other.who, beside.app.Clock().AddDate(0, 3, 0)))
	compared := 0
	for _, route := range pages() {
		if route.Do != nil {
			continue
		}
		for i, session := range []string{alone.one.owner, alone.one.member, alone.one.client} {
			path := alone.one.path(route)
			want, got := alone.visit(session, http.MethodGet, path, nil), beside.visit([]string{beside.one.owner, beside.one.member, beside.one.client}[i], http.MethodGet, path, nil)
			if want.Code != got.Code || byLot.ReplaceAllString(want.Body.String(), "") != byLot.ReplaceAllString(got.Body.String(), "") {
				t.Errorf("%s is another page beside another agency: %d and %d\n%s\n%s", path, want.Code, got.Code, want.Body, got.Body)
			}
			compared++
		}
	}
	t.Logf("%d pages compared", compared)
}

// byLot is what is drawn by lot on a page: the keys of forms, the doors of connections, the beginnings of keys, what proves a
// host, the names of logins.
var byLot = regexp.MustCompile(`[A-Z2-7]{26}|/(ingest|gate)/[a-z]+/\w+|\bmb_[a-z0-9]+|\bprefix [a-z0-9]+|"?prefix"?: ?"?[a-z0-9]{10}|portal-check=\w+|\bend-[0-9a-f]{16}|/security/[0-9a-f]{16}/`)

// FuzzForm sends any form to any act of the console and the portal: a page comes back, it leads nowhere else, and what
// is refused changed nothing.
func FuzzForm(f *testing.F) {
	var acts []desk.Route
	for _, route := range pages() {
		if route.Do != nil {
			acts = append(acts, route)
		}
	}
	for i := range acts {
		f.Add(byte(i), "name=A&email=a%40b.example&reason=r&minutes=5&amount=5.00&currency=USD&status=PAID&back=%2F%2Fevil.example")
		f.Add(byte(i), "name=%00&interval_count=99999999999&until=2027-02-30&now=x&role=OWNER&scopes=admin&page_size=-1&plan_id=1&pack=1&pack=2")
	}
	t := newVisited(f)
	sent := 0
	f.Fuzz(func(test *testing.T, which byte, form string) {
		route := acts[int(which)%len(acts)]
		session := t.one.owner
		if strings.HasPrefix(route.Path, "/portal") {
			session = t.one.client
		}
		sent++
		t.writes.Take()
		answer := t.stay(session, http.MethodPost, t.one.path(route), fmt.Sprintf("%s&once=%d", form, sent))
		wrote := t.writes.Take("sessions", "idempotency_keys")
		to := answer.Header().Get("Location")
		switch {
		case answer.Code >= 500:
			test.Fatalf("%s %q = %d %s", route.Pattern(), form, answer.Code, answer.Body)
		case answer.Code >= 400 && len(wrote) > 0:
			test.Fatalf("%s %q is refused with %d and wrote %v", route.Pattern(), form, answer.Code, wrote)
		case answer.Code >= 300 && answer.Code < 400 && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)):
			test.Fatalf("%s %q leads to %q", route.Pattern(), form, to)
		}
		t.spend(len(wrote) > 0)
	})
}

// FuzzPage asks for any page with any query.
func FuzzPage(f *testing.F) {
	var shown []desk.Route
	for _, route := range pages() {
		if route.Do == nil {
			shown = append(shown, route)
		}
	}
	for i := range shown {
		f.Add(byte(i), "q=a&page=2&page_size=1&cursor=AAAA&status=OVERDUE&client=1&client_id=1&from=2027-01-01&tab=x&next=//evil.example")
	}
	t := newVisited(f)
	f.Fuzz(func(test *testing.T, which byte, query string) {
		route := shown[int(which)%len(shown)]
		session := t.one.owner
		if strings.HasPrefix(route.Path, "/portal") {
			session = t.one.client
		}
		t.writes.Take()
		answer := t.visit(session, http.MethodGet, t.one.path(route)+"?"+query, nil)
		if answer == nil {
			return
		}
		if wrote := t.writes.Take("sessions"); answer.Code >= 500 || len(wrote) > 0 {
			test.Fatalf("%s?%s = %d, wrote %v\n%s", route.Path, query, answer.Code, wrote, answer.Body)
		}
	})
}

// visited are offices that are as they were in the beginning again when much was done in them. Guessing at a password is
// as cheap there as at few other places, and nobody waits.
type visited struct {
	*offices
	first, keeper *storetest.Keeper // the first are slow to make, so the others are copies
	left          int
}

const actsOfOffices = 500

func newVisited(f *testing.F) *visited {
	v := &visited{first: storetest.NewKeeper()}
	v.offices = newOffices(v.first)
	settled(v.app.DB.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		b64, salt := base64.RawStdEncoding, make([]byte, 16)
		sum := b64.EncodeToString(argon2.IDKey([]byte("correct horse battery one"), salt, 1, 8, 1, 32))
		_, err := q.Exec(ctx, `UPDATE users SET password_hash = $1`, "$argon2id$v=19$m=8,t=1,p=1$"+b64.EncodeToString(salt)+"$"+sum)
		return err
	}))
	v.begin()
	f.Cleanup(func() { v.keeper.End(); v.first.End() })
	return v
}

func (v *visited) begin() {
	if v.keeper != nil {
		v.keeper.End()
	}
	v.keeper, v.left = storetest.NewKeeper(), actsOfOffices
	settled(os.CopyFS(v.keeper.TempDir(), os.DirFS(v.first.TempDir())))
	v.serve(v.keeper, "sqlite:"+filepath.Join(v.keeper.TempDir(), "minutebook.db"))
	v.app.Wait = func(context.Context, time.Duration) {}
}

// stay is visit, in offices begun anew if an earlier act has ended the session.
func (v *visited) stay(session, method, target, form string) *httptest.ResponseRecorder {
	answer := v.visit(session, method, target, strings.NewReader(form))
	if v.left < actsOfOffices && strings.HasPrefix(answer.Header().Get("Location"), "/login") {
		v.begin()
		v.writes.Take()
		answer = v.visit(session, method, target, strings.NewReader(form))
	}
	return answer
}

// spend counts what was done.
func (v *visited) spend(acted bool) {
	if !acted {
		return
	}
	if v.left--; v.left < 0 {
		v.begin()
	}
}

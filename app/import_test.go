package app_test

import (
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// spec is a line of a list.
func spec(name, external, plan string) app.ClientImport {
	return app.ClientImport{ClientSpec: app.ClientSpec{Name: name, ExternalID: external}, Plan: plan}
}

// total is how many clients the agency has.
func (w *world) clients(f app.ClientFilter) (names []string) {
	w.Helper()
	list, err := w.a.Clients(w.ctx, w.who, f, app.Page{Size: 100})
	w.ok(err)
	for _, c := range list.Items {
		names = append(names, c.Name)
	}
	return names
}

func TestImportClients(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		half := []app.ClientImport{spec("Harbor", "harbor", "growth"), spec("", "x", ""), spec("Twin", "harbor", ""), spec("Spa", "spa", "Gold")}
		for _, keep := range []bool{false, true} {
			lines, err := w.a.ImportClients(w.ctx, w.who, half, keep)
			if (err != nil) != keep || len(lines) != 4 || lines[0].Error != nil || lines[1].Error == nil || lines[2].Error == nil || lines[3].Error == nil {
				t.Fatalf("ImportClients of half a good list, keep %v = %+v, %v", keep, lines, err)
			}
			if n := len(w.clients(app.ClientFilter{})); n != 1 {
				t.Errorf("it left %d clients", n)
			}
		}
		good := []app.ClientImport{spec("Harbor", "harbor", "growth"), spec("apollo", "a", "")}
		if _, err := w.a.ImportClients(w.ctx, w.who, good, false); err != nil || len(w.clients(app.ClientFilter{})) != 1 {
			t.Errorf("a dry run kept something, or %v", err)
		}
		lines, err := w.a.ImportClients(w.ctx, w.who, good, true)
		w.ok(err)
		row, err := w.a.Client(w.ctx, w.who, lines[0].Client)
		w.ok(err)
		if row.PlanName != "Growth" {
			t.Errorf("the plan of the list is %q", row.PlanName)
		}
		if lines, err = w.a.ImportClients(w.ctx, w.who, good, false); err != nil || lines[0].Error == nil {
			t.Errorf("the same list again = %+v, %v", lines, err)
		}
		for sort, want := range map[app.ClientSort]string{"": "apollo", "name": "apollo", "-name": "Harbor", "renews": "Bright Dental", "-renews": "Bright Dental", "due": "Bright Dental", "-due": "Bright Dental", "wallet": "apollo", "-wallet": "apollo"} {
			if got := w.clients(app.ClientFilter{Sort: sort}); len(got) != 3 || got[0] != want {
				t.Errorf("clients sorted by %q = %q, want %s first", sort, got, want)
			}
		}
		if got := w.clients(app.ClientFilter{Plan: row.PlanID}); len(got) != 2 {
			t.Errorf("clients on the plan = %q", got)
		}
		w.audited()
	})
}

func TestOverview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		if _, err := w.a.TestCall(w.ctx, w.who); err == nil {
			t.Error("a test call without a client is made")
		}
		w.started(0)
		w.use(10)
		w.clock("2027-01-20T09:00:00Z")
		_, err := w.a.TestCall(w.ctx, w.who)
		w.ok(err)
		o, err := w.a.Overview(w.ctx, w.who, 0)
		w.ok(err)
		if o.Today != 20270120 || o.Used.Calls != 1 || o.Used.Billed != 90_000 || o.Month.Calls != 2 || o.Month.Billed != 10*billing.Minute+90_000 || o.Newest.ID != w.client || o.Outstanding[0].Open() != 9900 {
			t.Errorf("Overview = %+v", o)
		}
		lifts, err := w.a.Lifts(w.ctx, w.who, []billing.ID{w.client, w.client})
		w.ok(err)
		if got := lifts[w.client].LiftedBy; got != "Payment of PR-000001 (99.00 USD)." {
			t.Errorf("Lifts = %q", got)
		}
	})
}

func TestLogins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		const password = "correct horse battery"
		for _, email := range []string{"ada@acme.example", "mia@acme.example"} {
			role := app.Owner
			if email[0] == 'm' {
				role = app.Member
			}
			_, _, err := w.a.CreateUser(w.ctx, w.who, app.UserSpec{Email: email, Role: role, Password: password})
			w.ok(err)
		}
		login := func(email string) (string, app.Actor) {
			token, who, err := w.a.Login(w.ctx, email, password, "1.2.3.4")
			w.ok(err)
			return token, who
		}
		first, ada := login("ada@acme.example")
		second, _ := login("ada@acme.example")
		third, mia := login("mia@acme.example")
		if own, err := w.a.Logins(w.ctx, mia, third); err != nil || len(own) != 1 || !own[0].Current {
			t.Errorf("a member sees %+v, %v", own, err)
		}
		all, err := w.a.Logins(w.ctx, ada, first)
		w.ok(err)
		if len(all) != 3 {
			t.Fatalf("an owner sees %+v", all)
		}
		for _, row := range all {
			if row.UserID != mia.ID {
				if _, err := w.a.EndLogins(w.ctx, mia, third, row.ID); err == nil {
					t.Error("a member ended an owner's login")
				}
			}
		}
		n, err := w.a.EndLogins(w.ctx, ada, first, "others")
		w.ok(err)
		if _, _, gone := w.a.SessionActor(w.ctx, second); n != 1 || gone == nil {
			t.Errorf("ending the others ended %d; the second: %v", n, gone)
		}
		if _, _, err := w.a.SessionActor(w.ctx, third); err != nil {
			t.Errorf("it ended somebody else's: %v", err)
		}
	})
}

package app_test

import (
	"fmt"
	"testing"

	"minutebook/app"
	"minutebook/billing"
)

func TestPlanVersions(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, p := h.one.owner, h.plan(h.one.owner)
		h.plan(h.other.owner)
		h.ok(h.AssignPlan(h.ctx, who, h.one.client, p.ID))
		_, err := h.Start(h.ctx, who, h.one.client)
		h.ok(err)

		same, err := h.EditPlan(h.ctx, who, p.ID, func(t *billing.Terms) error { *t.RecurringFee = 1000; return nil })
		if h.ok(err); same.Version != 1 {
			t.Errorf("an edit that changes nothing made version %d", same.Version)
		}
		edited, err := h.EditPlan(h.ctx, who, p.ID, func(t *billing.Terms) error { *t.RecurringFee = 1500; return nil })
		h.ok(err)
		if edited.Version != 2 || *edited.Terms.RecurringFee != 1500 || edited.Subscriptions != 1 {
			t.Errorf("EditPlan = %+v", edited)
		}
		h.audited(who, "plan.edit")
		versions, err := h.PlanVersions(h.ctx, who, p.ID)
		h.ok(err)
		if len(versions) != 2 || versions[0].Subscriptions != 0 || versions[1].Subscriptions != 1 || *versions[1].Terms.RecurringFee != 1000 {
			t.Errorf("PlanVersions = %+v", versions)
		}
		_, err = h.EditPlan(h.ctx, who, p.ID, func(t *billing.Terms) error { t.GraceDays = 999; return nil })
		h.refused(err, "invalid", "grace_days")
		_, err = h.EditPlan(h.ctx, h.other.owner, p.ID, func(*billing.Terms) error { return nil })
		h.refused(err, "not_found", "")
		_, err = h.PlanVersions(h.ctx, h.other.owner, p.ID)
		h.refused(err, "not_found", "")
	})
}

func TestArchivedPlan(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, p := h.one.owner, h.plan(h.one.owner)
		counts := func() string {
			var n []int64
			for _, status := range []string{"ACTIVE", "ARCHIVED", ""} {
				list, err := h.Plans(h.ctx, who, status, app.Page{})
				h.ok(err)
				n = append(n, list.Total)
			}
			return fmt.Sprint(n)
		}
		for range 2 {
			archived, err := h.ArchivePlan(h.ctx, who, p.ID)
			if h.ok(err); !archived.Archived || counts() != "[0 1 1]" {
				t.Errorf("ArchivePlan = %+v, lists of %s", archived, counts())
			}
		}
		if h.AssignPlan(h.ctx, who, h.one.client, p.ID) == nil {
			t.Error("an archived plan was assigned")
		}
		_, err := h.UnarchivePlan(h.ctx, who, p.ID)
		if h.ok(err); counts() != "[1 0 1]" {
			t.Errorf("lists of %s", counts())
		}
		_, err = h.Plans(h.ctx, who, "LOST", app.Page{})
		h.refused(err, "invalid", "status")
	})
}

func TestPacks(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, plan := h.one.owner, h.plan(h.one.owner)
		usd := billing.Currency{Code: "USD", Digits: 2}
		p, err := h.CreatePack(h.ctx, who, billing.Pack{Name: "Hundred", Minutes: 100 * billing.Minute, Price: 2000, Currency: usd})
		h.ok(err)
		_, err = h.CreatePack(h.ctx, who, billing.Pack{Name: "Yen", Minutes: billing.Minute, Price: 5, Currency: billing.Currency{Code: "JPY", Digits: 2}})
		h.refused(err, "invalid", "currency")
		p, err = h.EditPack(h.ctx, who, p.ID, func(p *billing.Pack) error { p.Price = 2500; return nil })
		if h.ok(err); p.Price != 2500 {
			t.Errorf("EditPack = %+v", p)
		}
		h.audited(who, "pack.edit")
		h.ok(h.AssignPlan(h.ctx, who, h.one.client, plan.ID))
		h.ok(h.AssignPacks(h.ctx, who, h.one.client, []billing.ID{p.ID}))
		_, err = h.EditPack(h.ctx, who, p.ID, func(p *billing.Pack) error { p.Currency.Code = "EUR"; return nil })
		h.refused(err, "pack_in_use", "")
		_, err = h.Pack(h.ctx, h.other.owner, p.ID)
		h.refused(err, "not_found", "")
		p, err = h.ArchivePack(h.ctx, who, p.ID)
		if h.ok(err); !p.Archived {
			t.Errorf("ArchivePack = %+v", p)
		}
	})
}

func TestOwnCurrencies(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who := h.one.owner
		own := func(codes map[string]int) error {
			_, err := h.UpdateSettings(h.ctx, who, app.SettingsPatch{Currencies: &codes})
			return err
		}
		h.ok(own(map[string]int{"USDT": 6}))
		for code, want := range map[string]int{"USDT": 6, "JPY": 0, "KWD": 3, "EUR": 2, "XYZ9": 2} {
			if c, err := h.Currency(h.ctx, h.one.ID, "currency", code); err != nil || c.Digits != want {
				t.Errorf("Currency(%s) = %v, %v, want %d digits", code, c, err, want)
			}
		}
		if c, _ := h.Currency(h.ctx, h.other.ID, "currency", "USDT"); c.Digits != 2 {
			t.Errorf("the other agency's USDT has %d digits", c.Digits)
		}
		h.refused(own(map[string]int{"EUR": 4}), "invalid", "currencies.EUR")
		h.refused(own(map[string]int{"USDT": 9}), "invalid", "currencies.USDT")
		fee := billing.Money(1)
		_, err := h.CreatePlan(h.ctx, who, billing.Terms{Name: "T", Currency: billing.Currency{Code: "USDT", Digits: 6}, RecurringFee: &fee, Interval: billing.Day, IntervalCount: 1})
		h.ok(err)
		h.refused(own(map[string]int{"USDT": 2}), "currency_in_use", "")
		h.refused(own(map[string]int{}), "currency_in_use", "")
		h.ok(own(map[string]int{"USDT": 6, "BTC": 8}))
	})
}

func TestSettings(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, zone, recovery, start := h.one.owner, "Asia/Tokyo", billing.NoneUnpaid, true
		g, err := h.UpdateSettings(h.ctx, who, app.SettingsPatch{Timezone: &zone, Recovery: &recovery, PortalStart: &start, Instructions: &app.Instructions{Text: "By transfer", Link: "https://pay.example"}})
		h.ok(err)
		h.audited(who, "settings.update")
		kept, err := h.Settings(h.ctx, who)
		h.ok(err)
		if kept.Timezone != zone || kept.Policy != g.Policy || !kept.PortalStart || kept.PortalRequestPacks || kept.Instructions.Text != "By transfer" {
			t.Errorf("Settings = %+v", kept)
		}
		twin, err := h.Settings(h.ctx, h.other.owner)
		if h.ok(err); twin.Timezone != "UTC" {
			t.Errorf("the other agency's zone is %s", twin.Timezone)
		}
		bad := billing.Recovery("MAYBE")
		_, err = h.UpdateSettings(h.ctx, who, app.SettingsPatch{Recovery: &bad})
		h.refused(err, "invalid", "recovery")
		_, err = h.UpdateSettings(h.ctx, who, app.SettingsPatch{Instructions: &app.Instructions{Link: "javascript:alert(1)"}})
		h.refused(err, "invalid", "payment_instructions.link")
		_, _, err = h.CreateAgency(h.ctx, app.AgencySpec{Name: "Late", OwnerEmail: "x@example.com", First: true})
		h.refused(err, "already_set_up", "")
		_, _, err = h.CreateAgency(h.ctx, app.AgencySpec{Name: "Bad", OwnerEmail: "nobody"})
		h.refused(err, "invalid", "owner_email")
		made, _, err := h.CreateAgency(h.ctx, app.AgencySpec{Name: "Sandbox", OwnerEmail: "x@example.com", TestClock: &opening})
		if h.ok(err); len(made.OwnerPassword) != 20 {
			t.Errorf("the owner's password is %q", made.OwnerPassword)
		}
	})
}

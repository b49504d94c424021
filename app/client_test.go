package app_test

import (
	"strings"
	"testing"

	"minutebook/app"
	"minutebook/billing"
)

func TestClients(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who := h.one.owner
		c, err := h.CreateClient(h.ctx, who, app.ClientSpec{Name: " Beta ", Timezone: "Europe/Berlin", DenialPolicy: billing.OutboundOnly})
		h.ok(err)
		if c.Name != "Beta" || c.Zone != "Europe/Berlin" || c.Denial != billing.OutboundOnly || c.Access.Reason != billing.Allowed || c.Status != "" {
			t.Errorf("CreateClient = %+v", c)
		}
		_, err = h.CreateClient(h.ctx, who, app.ClientSpec{Name: "Gamma", ExternalID: "acme"})
		h.refused(err, "external_id_taken", "external_id")
		for field, spec := range map[string]app.ClientSpec{
			"name": {Name: "  "}, "email": {Name: "X", Email: "x"}, "timezone": {Name: "X", Timezone: "Mars/Base"}, "locale": {Name: "X", Locale: "<b>"},
			"external_id": {Name: "X", ExternalID: strings.Repeat("x", 256)}, "denial_policy": {Name: "X", DenialPolicy: "NEVER"},
		} {
			_, err := h.CreateClient(h.ctx, who, spec)
			h.refused(err, "invalid", field)
		}
		_, err = h.Client(h.ctx, h.other.owner, c.ID)
		h.refused(err, "not_found", "")
		portal := app.Actor{Agency: h.one.ID, Client: h.one.client, Kind: app.ByPortal}
		_, err = h.Client(h.ctx, portal, c.ID)
		h.refused(err, "not_found", "")
		seen, err := h.Clients(h.ctx, portal, app.ClientFilter{}, app.Page{})
		if h.ok(err); seen.Total != 1 || seen.Items[0].ID != h.one.client {
			t.Errorf("a portal user sees %+v", seen)
		}
	})
}

func TestEditClient(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, name, outside, policy := h.one.owner, "Acme GmbH", "acme-2", billing.OutboundOnly
		c, err := h.EditClient(h.ctx, who, h.one.client, app.ClientPatch{Name: &name, ExternalID: &outside, DenialPolicy: &policy})
		h.ok(err)
		if c.Name != name || c.ExternalID != outside || c.Denial != policy || c.Email != "hello@acme.example" {
			t.Errorf("EditClient = %+v", c)
		}
		entry := h.audited(who, "client.edit")
		if !strings.Contains(entry.Before, `"acme"`) || !strings.Contains(entry.After, "acme-2") || entry.RequestID != "req-1" {
			t.Errorf("audit entry %+v", entry)
		}
		_, err = h.EditClient(h.ctx, h.other.owner, h.one.client, app.ClientPatch{Name: &name})
		h.refused(err, "not_found", "")
		twin, err := h.Client(h.ctx, h.other.owner, h.other.client)
		if h.ok(err); twin.Name != "Acme" || twin.Denial != billing.PauseAll {
			t.Errorf("the other agency's client is %+v", twin)
		}
		found, err := h.Clients(h.ctx, who, app.ClientFilter{Query: "gmbh"}, app.Page{})
		if h.ok(err); found.Total != 1 {
			t.Errorf("the search by the new name found %d", found.Total)
		}
	})
}

// The row tells what the client has, owes and has left.
func TestClientRow(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, plan := h.one.owner, h.plan(h.one.owner)
		pack, err := h.CreatePack(h.ctx, who, billing.Pack{Name: "Hundred", Minutes: 100 * billing.Minute, Price: 2050, Currency: plan.Terms.Currency})
		h.ok(err)
		h.ok(h.AssignPlan(h.ctx, who, h.one.client, plan.ID))
		h.ok(h.AssignPacks(h.ctx, who, h.one.client, []billing.ID{pack.ID}))
		_, err = h.Start(h.ctx, who, h.one.client)
		h.ok(err)
		_, err = h.ApplyPack(h.ctx, who, h.one.client, pack.ID, false, "")
		h.ok(err)
		c, err := h.Client(h.ctx, who, h.one.client)
		h.ok(err)
		if c.PlanName != "Basic" || c.Status != billing.Active || len(c.PackIDs) != 1 || c.Wallet != 100*billing.Minute || c.Left.Total() != 200*billing.Minute {
			t.Errorf("Client = %+v", c)
		}
		if len(c.AmountDue) != 1 || c.AmountDue[0].Amount != 3050 || c.AmountDue[0].Currency.Code != "USD" {
			t.Errorf("AmountDue = %+v", c.AmountDue)
		}
		for filter, want := range map[app.ClientFilter]int64{{Status: "active"}: 1, {Status: "none"}: 0, {Access: "allowed"}: 1, {Query: "acme", Status: "blocked"}: 0} {
			if list, err := h.Clients(h.ctx, who, filter, app.Page{}); err != nil || list.Total != want {
				t.Errorf("Clients(%+v) = %d, %v, want %d", filter, list.Total, err, want)
			}
		}
		_, err = h.Clients(h.ctx, who, app.ClientFilter{Status: "odd"}, app.Page{})
		h.refused(err, "invalid", "status")
	})
}

func TestResolveClient(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, tt := range []struct {
			ref   app.ClientRef
			field string
		}{
			{app.ClientRef{ID: h.one.client}, ""},
			{app.ClientRef{ExternalID: "acme"}, ""},
			{app.ClientRef{ID: h.one.client, ExternalID: "acme"}, ""},
			{app.ClientRef{}, "client_id"},
			{app.ClientRef{ID: h.other.client}, "client_id"},
			{app.ClientRef{ID: h.other.client, ExternalID: "acme"}, "client_external_id"},
			{app.ClientRef{ExternalID: "ACME"}, "client_external_id"},
			{app.ClientRef{ExternalID: "a\x00"}, "client_external_id"},
			{app.ClientRef{ExternalID: "\xff"}, "client_external_id"},
		} {
			id, err := h.ResolveClient(h.ctx, h.one.ID, tt.ref)
			if tt.field == "" && (err != nil || id != h.one.client) {
				t.Errorf("ResolveClient(%+v) = %d, %v", tt.ref, id, err)
			}
			if tt.field != "" {
				h.refused(err, map[bool]string{true: "invalid", false: "not_found"}[tt.ref.ID == 0 == (tt.ref.ExternalID == "") || tt.ref.ID != 0 && tt.ref.ExternalID != ""], tt.field)
			}
		}
	})
}

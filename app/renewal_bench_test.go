package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// BenchmarkRenewals lets the months of a thousand clients end in the same second, each with a minute to be billed; an
// operation is one renewal. `make bench LINES=renewals` holds the same against bare statements.
func BenchmarkRenewals(b *testing.B) {
	for _, dialect := range storetest.Dialects {
		b.Run(dialect, func(b *testing.B) {
			now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			c := crowded(b, storetest.Connect(b, storetest.MigratedURL(b, dialect)), &now, 1000)
			done := 0
			for b.ResetTimer(); done < b.N; {
				b.StopTimer()
				c.call(b, now)
				now = now.AddDate(0, 1, 0)
				b.StartTimer()
				n, err := c.a.AdvanceDue(b.Context(), b.N-done)
				if err != nil || n == 0 {
					b.Fatal(n, err)
				}
				done += n
			}
			b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "renewals/s")
		})
	}
}

// crowd is many clients of one agency in production.
type crowd struct {
	a       *app.App
	who     app.Actor
	clients []billing.ID
}

func crowded(tb testing.TB, db *store.DB, now *time.Time, many int) *crowd {
	tb.Helper()
	ctx := tb.Context()
	c := &crowd{a: &app.App{DB: db, Clock: func() time.Time { return *now }, Mint: app.NewMint(time.Now), Log: slog.New(slog.DiscardHandler)}}
	ok := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	made, _, err := c.a.CreateAgency(ctx, app.AgencySpec{Name: "Acme", OwnerEmail: "o@example.com", OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD"})
	ok(err)
	c.who = app.Operator(made.ID)
	fee, rate := billing.Money(9900), billing.Rate(250_000)
	plan, err := c.a.CreatePlan(ctx, c.who, billing.Terms{
		Name: "Growth", Currency: usd, RecurringFee: &fee, Rate: &rate, Interval: billing.Month, IntervalCount: 1, PaymentDueDays: 36, GraceDays: 365,
	})
	ok(err)
	for len(c.clients) < many {
		ok(db.InTx(ctx, func(ctx context.Context, _ store.Q) error {
			for range min(200, many-len(c.clients)) {
				client, err := c.a.CreateClient(ctx, c.who, app.ClientSpec{Name: fmt.Sprint("Client ", len(c.clients))})
				ok(err)
				ok(c.a.AssignPlan(ctx, c.who, client.ID, plan.ID))
				_, err = c.a.Start(ctx, c.who, client.ID)
				ok(err)
				c.clients = append(c.clients, client.ID)
			}
			return nil
		}))
	}
	return c
}

// call reports a minute of each client.
func (c *crowd) call(tb testing.TB, at time.Time) {
	tb.Helper()
	var calls []app.UsageReport
	for _, client := range c.clients {
		calls = append(calls, app.UsageReport{ClientID: client, UsageEvent: billing.UsageEvent{Source: "x", EventID: fmt.Sprint(client, at.Unix()), Kind: billing.Call, EndedAt: at, Talk: billing.Minute}})
	}
	results, err := c.a.RecordUsage(tb.Context(), c.who, calls)
	if err != nil || results[0].Result != app.UsageAccepted {
		tb.Fatal(results, err)
	}
}

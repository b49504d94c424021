package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// subscriptionOut is a subscription with its newest period.
type subscriptionOut struct {
	ID                 billing.ID        `json:"id"`
	ClientID           billing.ID        `json:"client_id"`
	ClientName         string            `json:"client_name"`
	ProductID          billing.ID        `json:"product_id" doc:"The plan"`
	ProductName        string            `json:"product_name"`
	Status             string            `json:"status" enum:"active,past_due,blocked,canceled"`
	CurrentPeriodStart instant           `json:"current_period_start"`
	CurrentPeriodEnd   instant           `json:"current_period_end" doc:"The period is half-open: its end is the next one's start"`
	CreatedAt          instant           `json:"created_at"`
	UpdatedAt          instant           `json:"updated_at"`
	PlanVersion        int               `json:"plan_version"`
	Terms              TermsOut          `json:"terms" doc:"As they were at the start"`
	Timezone           string            `json:"timezone"`
	Anchor             string            `json:"anchor" doc:"The local date and time of the start, from which every boundary is computed" example:"2027-01-31T10:30:00"`
	PeriodIndex        int               `json:"period_index"`
	StartedAt          instant           `json:"started_at"`
	StatusSince        instant           `json:"status_since"`
	CancelAtPeriodEnd  bool              `json:"cancel_at_period_end"`
	ScheduledChange    nullable[nextOut] `json:"scheduled_change" doc:"The plan that follows at the period's end"`
	CanceledAt         moment            `json:"canceled_at"`
	CancelReason       *string           `json:"cancel_reason"`
}

// nextOut is a plan change that waits for the period's end.
type nextOut struct {
	PlanID      billing.ID `json:"plan_id"`
	PlanVersion int        `json:"plan_version"`
	PlanName    string     `json:"plan_name"`
}

func subscription(r app.SubscriptionRow) subscriptionOut {
	out := subscriptionOut{
		ID: r.ID, ClientID: r.Client, ClientName: r.ClientName, ProductID: r.PlanID, ProductName: r.Terms.Name, Status: string(r.Status),
		CurrentPeriodStart: instant(r.PeriodStart), CurrentPeriodEnd: instant(r.PeriodEnd), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
		PlanVersion: r.PlanVersion, Terms: terms(r.Terms), Timezone: r.Zone, Anchor: r.Anchor.String(), PeriodIndex: r.PeriodIndex, StartedAt: instant(r.StartedAt),
		StatusSince: instant(r.StatusSince), CancelAtPeriodEnd: r.Cancel != nil, CanceledAt: moment(r.CanceledAt), CancelReason: orNull(r.Reason),
	}
	if r.Cancel != nil && r.Cancel.Next != nil {
		n := r.Cancel.Next
		out.ScheduledChange.Value = &nextOut{n.PlanID, n.Version, n.Terms.Name}
	}
	return out
}

// EndIn is how a subscription ends.
type EndIn struct {
	AtPeriodEnd  bool           `json:"at_period_end" required:"false" doc:"Wait for the period's end; false if not given"`
	OpenRequests string         `json:"open_requests" required:"false" enum:"KEEP,CANCEL" doc:"What becomes of its open cycle requests; KEEP if not given"`
	BillUsage    optional[bool] `json:"bill_usage" required:"false" doc:"Bill the accrued billable minutes by a final request; true if not given"`
}

func (in EndIn) cancellation() (billing.Cancellation, error) {
	c := billing.Cancellation{OpenRequests: billing.KeepOpen, BillUsage: true}
	if in.OpenRequests != "" {
		c.OpenRequests = billing.OpenRequests(in.OpenRequests)
	}
	return c, in.BillUsage.into("bill_usage", &c.BillUsage)
}

type cancelIn struct {
	EndIn
	Reason string `json:"reason" required:"false" maxLength:"500"`
}

type changePlanIn struct {
	PlanID  ref  `json:"plan_id"`
	Prorate bool `json:"prorate" required:"false" doc:"Credit the unused part of the prepaid fee, by time, on the new fee; false if not given. At the period's end nothing is unused"`
	EndIn
}

func (s *server) subscriptions() {
	const tag = "Subscriptions"
	route(s, http.MethodGet, "/subscriptions", words{summary: "List subscriptions", tag: tag, scope: app.ScopeRead}, s.listSubscriptions)
	route(s, http.MethodGet, "/subscriptions/{id}", words{summary: "Read a subscription", tag: tag, scope: app.ScopeRead}, s.readSubscription)
	route(s, http.MethodPost, "/clients/{id}/subscription", words{
		summary: "Start a subscription", tag: tag, scope: app.ScopeWrite, status: 201,
		more: "On the assigned plan. Its fee is requested at once; service runs on credit until the due date.",
	}, s.start)
	route(s, http.MethodPost, "/subscriptions/{id}/cancel", words{
		summary: "Cancel a subscription", tag: tag, scope: app.ScopeWrite,
		more: "Now or at the period's end. The wallet stays. A canceled subscription never lives again.",
	}, s.cancel)
	route(s, http.MethodPost, "/subscriptions/{id}/undo-cancel", words{summary: "Undo a cancellation at period end", tag: tag, scope: app.ScopeWrite}, s.undoCancel)
	route(s, http.MethodPost, "/subscriptions/{id}/change-plan", words{
		summary: "Change the plan", tag: tag, scope: app.ScopeWrite,
		more: "Cancels and starts anew on another plan. Answers with the new subscription or, at the period's end, with the running one and its scheduled change.",
	}, s.changePlan)
}

func (s *server) listSubscriptions(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	Status string `query:"status" enum:"active,past_due,blocked,canceled"`
	Paging
},
) (list[subscriptionOut], error) {
	client, err := in.client()
	if err != nil {
		return list[subscriptionOut]{}, err
	}
	l, err := s.app.Subscriptions(ctx, who, app.SubscriptionFilter{Client: client, Status: billing.Status(in.Status)}, in.page())
	return listed(in.Paging, l, err, subscription)
}

func (s *server) readSubscription(ctx context.Context, who app.Actor, in *ByID) (subscriptionOut, error) {
	id, err := in.id()
	if err != nil {
		return subscriptionOut{}, err
	}
	return s.showSubscription(ctx, who, id)
}

func (s *server) showSubscription(ctx context.Context, who app.Actor, id billing.ID) (subscriptionOut, error) {
	r, err := s.app.Subscription(ctx, who, id)
	return subscription(r), err
}

func (s *server) start(ctx context.Context, who app.Actor, in *clientAction) (subscriptionOut, error) {
	client, err := in.id()
	if err != nil {
		return subscriptionOut{}, err
	}
	id, err := s.app.Start(ctx, who, client)
	if err != nil {
		return subscriptionOut{}, err
	}
	return s.showSubscription(ctx, who, id)
}

func (s *server) cancel(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body *cancelIn `required:"false"`
},
) (subscriptionOut, error) {
	if in.Body == nil {
		in.Body = &cancelIn{}
	}
	c, err := in.Body.cancellation()
	if err != nil {
		return subscriptionOut{}, err
	}
	c.Reason = in.Body.Reason
	if err := billing.CheckText("reason", c.Reason, 0, 500); err != nil {
		return subscriptionOut{}, err
	}
	return s.onSubscription(ctx, who, in.ByID, func(id billing.ID) (billing.ID, error) {
		return id, s.app.Cancel(ctx, who, id, c, in.Body.AtPeriodEnd)
	})
}

// onSubscription does something to the subscription in the path and shows the one that matters then.
func (s *server) onSubscription(ctx context.Context, who app.Actor, in ByID, do func(id billing.ID) (billing.ID, error)) (subscriptionOut, error) {
	id, err := in.id()
	if err != nil {
		return subscriptionOut{}, err
	}
	show, err := do(id)
	if err != nil {
		return subscriptionOut{}, err
	}
	return s.showSubscription(ctx, who, show)
}

func (s *server) undoCancel(ctx context.Context, who app.Actor, in *action) (subscriptionOut, error) {
	return s.onSubscription(ctx, who, in.ByID, func(id billing.ID) (billing.ID, error) { return id, s.app.UndoCancel(ctx, who, id) })
}

func (s *server) changePlan(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body changePlanIn
},
) (subscriptionOut, error) {
	c, err := in.Body.cancellation()
	if err != nil {
		return subscriptionOut{}, err
	}
	c.Prorate = in.Body.Prorate
	return s.onSubscription(ctx, who, in.ByID, func(id billing.ID) (billing.ID, error) {
		plan, err := in.Body.PlanID.must("plan_id")
		if err != nil {
			return 0, err
		}
		started, err := s.app.ChangePlan(ctx, who, id, plan, c, in.Body.AtPeriodEnd)
		if started == 0 {
			started = id
		}
		return started, err
	})
}

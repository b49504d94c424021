package sim

import (
	"fmt"
	"time"

	"minutebook/billing"
)

// Told is an accepted command: when, what, and the id of what it made, if it made something.
type Told struct {
	At   time.Time
	Do   any // one of the structs below
	Made billing.ID
}

// The commands. Requests and campaigns are named by the ids of the life itself; Key gives a request a name that another
// opinion can form by itself.
type (
	AssignPlan  struct{ Plan billing.Plan }
	RemovePlan  struct{}
	AssignPacks struct{ Packs []billing.Pack }
	Start       struct{ Plan billing.Plan } // the assigned plan as the catalog has it now

	Cancel struct {
		billing.Cancellation
		AtPeriodEnd bool
	}
	UndoCancel struct{}
	ChangePlan struct {
		billing.Cancellation
		Plan        billing.Plan
		AtPeriodEnd bool
	}

	Use     struct{ Event billing.UsageEvent }
	Void    struct{ Source, Event string }
	Correct struct {
		Source, Event string
		Talk          billing.Millis
	}

	ApplyPack struct {
		Pack billing.Pack
		Paid bool
	}
	RequestOneTime struct{ billing.OneTimeRequest }
	UpdateRequest  struct {
		Request billing.ID
		billing.RequestUpdate
	}
	Pay    struct{ billing.Payment }
	Adjust struct{ Delta billing.Millis }

	SetHold         struct{ On bool }
	SetOverride     struct{ Until time.Time } // the zero instant takes it back
	SetDenialPolicy struct{ Policy billing.DenialPolicy }

	RegisterCampaign struct{ Direction string }
	PauseCampaign    struct{ Campaign billing.ID }
	ResumeCampaign   struct{ Campaign billing.ID }
	StopCampaign     struct{ Campaign billing.ID }
)

// Key names a request the way another opinion would: R/subscription/period for a fee, U/... for usage, else its id.
func Key(r *billing.Request) string {
	switch r.Kind {
	case billing.Recurring:
		return fmt.Sprintf("R/%d/%d", r.SubscriptionID, r.PeriodIndex)
	case billing.Usage:
		return fmt.Sprintf("U/%d/%d", r.SubscriptionID, r.PeriodIndex)
	}
	return r.ID.String()
}

// why is the reason the simulator gives for everything.
const why = "simulated"

// act carries a command out on an account and answers the id of what it made.
func (c *Client) act(a *billing.Account, do any) (made billing.ID, err error) {
	at := c.Now
	switch do := do.(type) {
	case AssignPlan:
		return 0, a.AssignPlan(do.Plan, at)
	case RemovePlan:
		return 0, a.RemovePlan(at)
	case AssignPacks:
		return 0, a.AssignPacks(do.Packs, c.assigned(a), at)
	case Start:
		err = a.Start(do.Plan, at)
		return newest(a, err), err
	case Cancel:
		if do.AtPeriodEnd {
			return 0, a.CancelAtPeriodEnd(do.Cancellation, at)
		}
		return 0, a.Cancel(do.Cancellation, at)
	case UndoCancel:
		return 0, a.UndoCancel(at)
	case ChangePlan:
		if do.AtPeriodEnd {
			return 0, a.ChangePlanAtPeriodEnd(do.Plan, do.Cancellation, at)
		}
		err = a.ChangePlan(do.Plan, do.Cancellation, at)
		return newest(a, err), err
	}
	return c.actOnUsage(a, do)
}

func newest(a *billing.Account, err error) billing.ID {
	if err != nil {
		return 0
	}
	return a.Subscription.ID
}

func (c *Client) assigned(a *billing.Account) *billing.Plan {
	for i := range c.Plans {
		if c.Plans[i].ID == a.PlanID {
			return &c.Plans[i]
		}
	}
	return nil
}

func (c *Client) actOnUsage(a *billing.Account, do any) (billing.ID, error) {
	at := c.Now
	switch do := do.(type) {
	case Use:
		if c.events[eventKey(do.Event)] != nil {
			return 0, billing.Refuse(billing.Conflict, "event_known", "The event is known.", "")
		}
		recorded, err := a.Use(do.Event, at)
		return recorded.ID, err
	case Void:
		if u := c.Event(do.Source, do.Event); u != nil {
			return u.ID, a.Void(*u, c.history, why, at)
		}
		return 0, billing.Refuse(billing.NotFound, "not_found", "There is no such usage event.", "")
	case Correct:
		u := c.Event(do.Source, do.Event)
		if u == nil || u.Status == billing.VoidUsage || u.Event.Talk == do.Talk || u.Event.Kind != billing.Call {
			return 0, billing.Refuse(billing.Conflict, "nothing_to_correct", "There is nothing to correct.", "")
		}
		return u.ID, a.Correct(*u, do.Talk, c.history, why, at)
	}
	return c.actOnMoney(a, do)
}

func (c *Client) actOnMoney(a *billing.Account, do any) (billing.ID, error) {
	at := c.Now
	switch do := do.(type) {
	case ApplyPack:
		return a.ApplyPack(do.Pack, do.Paid, "", at)
	case RequestOneTime:
		return a.RequestOneTime(do.OneTimeRequest, at)
	case UpdateRequest:
		return 0, a.UpdateRequest(do.Request, do.RequestUpdate, at)
	case Pay:
		return a.ReceivePayment(do.Payment, at)
	case Adjust:
		return 0, a.AdjustWallet(do.Delta, why, at)
	case SetHold:
		return 0, a.SetHold(do.On, why, at)
	case SetOverride:
		return 0, a.SetOverride(do.Until, why, at)
	case SetDenialPolicy:
		return 0, a.SetDenialPolicy(do.Policy, at)
	case RegisterCampaign:
		return a.RegisterCampaign(billing.Campaign{Name: "Campaign", Direction: do.Direction}, at)
	case PauseCampaign:
		return 0, a.PauseCampaign(do.Campaign, why, at)
	case ResumeCampaign:
		return 0, a.ResumeCampaign(do.Campaign, at)
	case StopCampaign:
		return 0, a.StopCampaign(do.Campaign, at)
	}
	panic(fmt.Sprintf("sim: unknown command %T", do))
}

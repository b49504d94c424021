// Package model is the second opinion: the billing rules once more, written from
// the written rules by somebody who had not read package billing, and never
// importing it. It keeps the raw facts of one client and computes everything from
// them anew: slow, short and plain. Where the two opinions differ, one is wrong.
//
// Sums of amounts and minutes are not guarded against overflow here; whoever tells
// the facts keeps them far below the limits of an int64.
package model

import "time"

const (
	Active, PastDue, Blocked, Ended = "active", "past_due", "blocked", "canceled"

	Pending, Paid, Overdue, Failed, Canceled = "PENDING", "PAID", "OVERDUE", "FAILED", "CANCELED"

	Recurring, Usage, Pack, Once = "RECURRING", "USAGE", "PACK", "ONE_TIME"
)

// Agency holds the settings of the agency.
type Agency struct {
	Recovery    string // NONE_OVERDUE, NONE_UNPAID
	BlockedExit string // RESTART, ON_PAYMENT
}

// Client holds the settings of the client as its log begins.
type Client struct {
	Zone   string
	Denial string // PAUSE_ALL, OUTBOUND_ONLY
}

type Currency struct {
	Code   string
	Digits int
}

// Terms are a plan's. A nil fee is no fee, an empty rate no rate, a nil cap no cap.
type Terms struct {
	Currency       Currency
	Fee            *int64
	IncludedMS     int64
	Rate           string
	Interval       string // DAY, WEEK, MONTH, YEAR
	Count          int
	Packs, Chat    bool
	ChatsPerMinute string

	DueDays, GraceDays               int
	IncrementS, MinimumS, FreeBelowS int64
	CapMS                            *int64
}

// Command is one accepted command; Do is one of the structs below. They stand in
// the order of their instants, and those of one instant in the order of acceptance.
type Command struct {
	At time.Time
	Do any
}

type (
	AssignPlan struct{ Plan Terms }          // refused while a subscription lives
	EditPlan   struct{ Plan Terms }          // the catalog changed under the assignment
	Start      struct{ Subscription string } // on the assigned plan

	Cancel     struct{ AtPeriodEnd, CancelOpen, BillUsage bool }
	UndoCancel struct{} // also of a scheduled plan change
	ChangePlan struct {
		Subscription string // the new one
		Plan         Terms
		Prorate      bool
		Cancel       // of the old one
	}

	Use struct {
		Source, Event  string
		Kind           string // CALL, CHAT
		Started, Ended time.Time
		TalkMS, Chats  int64
	}
	Void    struct{ Source, Event string }
	Correct struct {
		Source, Event string
		TalkMS        int64
	}

	ApplyPack struct {
		Request   string
		MinutesMS int64
		Price     int64
		Paid      bool
	}
	OneTime struct {
		Request, Currency string
		Amount            int64
		Due               time.Time
	}
	SetStatus struct {
		Request, To string
		Clawback    bool
	}
	Pay struct {
		Amount      int64
		Currency    string
		Allocations []Allocation
		FromCredit  bool
	}
	Allocation struct {
		Request string
		Amount  int64
	}

	Adjust    struct{ MS int64 }
	Hold      struct{ On bool }
	Override  struct{ Until time.Time } // the zero instant takes it back
	SetDenial struct{ Denial string }

	Campaign       struct{ Key, Direction string }
	PauseCampaign  struct{ Key string }
	ResumeCampaign struct{ Key string }
	StopCampaign   struct{ Key string }
)

// State is all that follows from the facts. Lists stand in order of their making.
type State struct {
	Subscriptions []*Subscription
	Closed        []*ClosedPeriod
	Requests      []*Request
	Events        []*Event
	Campaigns     []*CampaignState
	Lines         []CreditLine     // waiting for a request
	Credit        map[string]int64 // minor units, by currency code
	WalletMS      int64
	Exhausted     bool   // the live subscription's minutes
	Access        string // why not, or empty: allowed
}

// Split says where minutes came from, in milliseconds.
type Split struct{ Included, Wallet, Billable, Uncovered int64 }

func (s Split) Total() int64 { return s.Included + s.Wallet + s.Billable + s.Uncovered }

// Plus adds o, times times: 1 or -1.
func (s Split) Plus(o Split, times int64) Split {
	return Split{s.Included + times*o.Included, s.Wallet + times*o.Wallet, s.Billable + times*o.Billable, s.Uncovered + times*o.Uncovered}
}

// Subscription shows the open period or, once canceled, the last one as it closed.
type Subscription struct {
	ID         string
	Status     string
	Since      time.Time
	Index      int
	Start, End time.Time // boundaries of the grid, also when closed before or after them
	Used       Split
	Ending     bool // at the period's end, by a cancellation or a plan change

	plan    Terms
	began   time.Time // to the second
	anchor  Local
	ending  Cancel
	changes *ChangePlan // what follows the ending
}

// ClosedPeriod holds final figures. Amount is the charge for the billable minutes,
// before credit lines and whether or not it was billed.
type ClosedPeriod struct {
	Subscription string
	Index        int
	Start, End   time.Time
	At           time.Time // when it closed
	Used         Split
	Amount       int64

	returned int64 // billable ms given back since
}

// Request keys: R/<subscription>/<index> and U/<subscription>/<index> for the
// cycle's, the caller's own for packs and one-time requests.
type Request struct {
	Key, Kind, Status      string
	Subscription           string
	Number                 int // 1, 2, 3 in order of issue
	Currency               string
	Amount, Paid           int64
	Issued, Due, Grace     time.Time // no grace: zero
	PaidAt                 time.Time
	PeriodStart, PeriodEnd time.Time

	marked  bool  // paid by SetStatus, which put
	marking int64 // this much
	packMS  int64
	clawed  int64
	tried   bool // to claw them back
}

// Event shows a usage event. The split of a voided one stays as it was.
type Event struct {
	Source, Event string
	Status        string // RATED, UNRATED, VOIDED
	Subscription  string
	Index         int // of the period it was first drawn from
	BilledMS      int64
	Split         Split
	Late          bool
	LateIndex     int // of the period a late one belongs to

	use   Use
	parts []part
}

// part is what one draw took, less what was given back.
type part struct {
	subscription string
	index        int
	Split
}

type CampaignState struct {
	Key, Direction string
	Status         string // RUNNING, PAUSED, STOPPED
	PausedBy       string // BILLING, USER
	Reason         string // billing's
}

type CreditLine struct {
	Currency string
	Amount   int64

	ofFee bool // what was left of a prepaid fee
}

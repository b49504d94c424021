package billing

import (
	"fmt"
	"strconv"
	"strings"
)

// tellings are the commands that do not act on the client: the catalog, the settings, and what is shown.
var tellings map[string]func(*story, []string) error

func init() {
	tellings = map[string]func(*story, []string) error{
		"zone":    func(s *story, args []string) error { s.Account.Zone = args[0]; return nil },
		"setting": tellSetting, "plan": tellPlan, "pack": tellPack, "archive": tellArchive,
		"show": tellShow, "access": tellAccess, "upcoming": tellUpcoming, "boundaries": tellBoundaries,
		"minutes": func(s *story, args []string) error {
			m, err := ParseMinutes("minutes", args[0])
			if err == nil {
				s.said = append(s.said, fmt.Sprintf("%d ms, shown as %s", int64(m), m.Minutes()))
			}
			return err
		},
		"display": func(s *story, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err == nil {
				s.said = append(s.said, Millis(n).Minutes()+" minutes, "+Millis(n).Spoken())
			}
			return err
		},
		"money": func(s *story, args []string) error {
			c := readCurrency(args[1])
			m, err := c.Parse("amount", args[0])
			if err == nil {
				s.said = append(s.said, fmt.Sprintf("%d minor units, shown as %s", int64(m), c.FormatWithCode(m)))
			}
			return err
		},
		"charge": tellCharge,
	}
}

// tellSetting: setting recovery NONE_UNPAID, setting blocked_exit ON_PAYMENT.
func tellSetting(s *story, args []string) error {
	switch args[0] {
	case "recovery":
		s.Account.Policy.Recovery = Recovery(args[1])
	case "blocked_exit":
		s.Account.Policy.BlockedExit = BlockedExit(args[1])
	default:
		panic("a story knows no setting " + args[0])
	}
	return nil
}

// tellPlan: plan NAME [currency=USD] [fee=99.00] [included=300] [rate=0.25] [every=2xMONTH] [packs] [chats=5]
// [due=7] [grace=7] [round=increment/minimum/free-below] [cap=100]. The same name again is an edit.
func tellPlan(s *story, args []string) error {
	t, err := readTerms(args)
	if err == nil {
		err = t.Check()
	}
	if err != nil {
		return err
	}
	p := s.plans[args[0]]
	if p == nil {
		p = &Plan{ID: ID(100 + len(s.plans))}
		s.plans[args[0]], s.names[p.ID] = p, args[0]
	}
	p.Terms = t
	p.Version++
	s.said = append(s.said, fmt.Sprintf("plan %s is version %d", args[0], p.Version))
	return nil
}

func readTerms(args []string) (t Terms, err error) {
	t = Terms{Name: args[0], Currency: readCurrency("USD"), Interval: Month, IntervalCount: 1, PaymentDueDays: 7, GraceDays: 7, AddonPacks: flagged(args, "packs")}
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		if err == nil {
			err = t.read(key, value)
		}
	}
	return t, err
}

func (t *Terms) read(key, value string) (err error) {
	switch key {
	case "currency":
		t.Currency = readCurrency(value)
	case "fee":
		fee, failed := t.Currency.Parse("recurring_fee", value)
		t.RecurringFee, err = &fee, failed
	case "included":
		t.Included, err = ParseMinutes("included_minutes", value)
	case "rate":
		rate, failed := ParseRate("per_minute_rate", value)
		t.Rate, err = &rate, failed
	case "cap":
		most, failed := ParseMinutes("overage_cap_minutes", value)
		t.OverageCap, err = &most, failed
	case "chats":
		t.Chat = true
		t.ChatsPerMinute, err = ParseChatRate("chats_per_minute", value)
	case "every":
		count, interval, _ := strings.Cut(value, "x")
		t.Interval = Interval(interval)
		t.IntervalCount, err = strconv.Atoi(count)
	case "due":
		t.PaymentDueDays, err = strconv.Atoi(value)
	case "grace":
		t.GraceDays, err = strconv.Atoi(value)
	case "round":
		_, err = fmt.Sscanf(value, "%d/%d/%d", &t.Rounding.IncrementSeconds, &t.Rounding.MinimumSeconds, &t.Rounding.FreeBelowSeconds)
	case "packs":
	default:
		panic("a plan has no " + key)
	}
	return err
}

// tellPack: pack NAME minutes=60 price=15.00 [currency=USD].
func tellPack(s *story, args []string) (err error) {
	p := Pack{ID: ID(200 + len(s.packs)), Name: args[0], Currency: readCurrency("USD")}
	if code, set := option(args, "currency"); set {
		p.Currency = readCurrency(code)
	}
	minutes, _ := option(args, "minutes")
	price, _ := option(args, "price")
	p.Minutes, err = ParseMinutes("minutes", minutes)
	if err := firstError(err, p.Check()); err != nil {
		return err
	}
	p.Price = readMoney(p.Currency, price)
	s.packs[p.Name], s.names[p.ID] = &p, p.Name
	return nil
}

// tellArchive: archive plan NAME, archive pack NAME.
func tellArchive(s *story, args []string) error {
	if args[0] == "plan" {
		s.plans[args[1]].Archived = true
	} else {
		s.packs[args[1]].Archived = true
	}
	return nil
}

// tellShow: show [requests].
func tellShow(s *story, args []string) error {
	if flagged(args, "requests") {
		s.showRequests()
		return nil
	}
	a := s.Account
	if a.Subscription == nil {
		s.said = append(s.said, "no subscription")
	} else {
		s.said = append(s.said, fmt.Sprintf("%s on %s version %d since %s, period %d (%s to %s): used %s", a.Subscription.Status, a.Subscription.Terms.Name,
			a.Subscription.PlanVersion, instant(a.Subscription.StatusSince), a.Period.Index, instant(a.Period.Start), instant(a.Period.End), a.Period.Used.words()))
	}
	s.said = append(s.said, "wallet "+a.Wallet.Spoken()+", "+accessWord(a.Access.Reason))
	for _, c := range a.Credits {
		s.said = append(s.said, "client credit "+c.Currency.FormatWithCode(c.Amount))
	}
	return nil
}

func (s *story) showRequests() {
	for _, r := range s.Account.Requests {
		text := fmt.Sprintf("%s (%s) %s %s %s, paid %s, due %s", r.Label(), r.Reference(), r.Kind.Type(), r.Status, r.Currency.FormatWithCode(r.Amount),
			r.Currency.Format(r.AmountPaid), r.Currency.Format(r.Due()))
		if r.ExternalPaymentID != "" {
			text += ", external payment " + r.ExternalPaymentID
		}
		if !r.PaidAt.IsZero() {
			text += ", paid at " + instant(r.PaidAt)
		}
		s.said = append(s.said, text)
	}
}

// tellAccess: access [INBOUND].
func tellAccess(s *story, args []string) error {
	answer := s.Account.Explain(strings.Join(args, ""), s.Now)
	word := accessWord(answer.Reason)
	if answer.Allowed {
		word = "allowed"
	}
	if answer.MaxDuration != nil {
		word += ", for at most " + answer.MaxDuration.Spoken()
	}
	s.said = append(s.said, word+": "+answer.Message)
	if answer.LiftedBy != "" {
		s.said = append(s.said, "lifted by: "+answer.LiftedBy)
	}
	return nil
}

// tellUpcoming lists what is still to come.
func tellUpcoming(s *story, _ []string) error {
	list, err := s.Account.Upcoming(s.Now)
	for _, c := range list {
		sign := "+ "
		if c.Bad {
			sign = "! "
		}
		s.said = append(s.said, sign+instant(c.At)+"  "+c.What)
	}
	return err
}

// tellBoundaries: boundaries 5, of the running subscription, in its own zone.
func tellBoundaries(s *story, args []string) error {
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	grid, err := s.Account.Subscription.Schedule()
	if err != nil {
		return err
	}
	for n := range count {
		s.said = append(s.said, grid.Boundary(n).In(grid.Zone).Format("2006-01-02 15:04:05 MST")+" = "+instant(grid.Boundary(n))+" UTC")
	}
	return nil
}

// tellCharge: charge 90s 0.25 USD.
func tellCharge(s *story, args []string) error {
	rate, err := ParseRate("rate", args[1])
	if err != nil {
		return err
	}
	c := readCurrency(args[2])
	amount, err := Charge(readMillis(args[0]), rate, c)
	if err == nil {
		s.said = append(s.said, c.FormatWithCode(amount))
	}
	return err
}

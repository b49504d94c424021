package sim

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"minutebook/billing"
)

// Script is a life written down: what was told to whom and when. It needs no dice, so that commands can be left out of
// it, and what one life has found can be tried again for ever.
type Script struct {
	Seed   uint64         `json:"seed"` // of the life it comes from
	Found  string         `json:"found"`
	Policy billing.Policy `json:"policy"`
	Zones  []string       `json:"zones"` // of the clients, in order
	Plans  []billing.Plan `json:"plans"`
	Packs  []billing.Pack `json:"packs"`
	Steps  []Step         `json:"steps"`
}

// Step is one command. A request or a campaign is meant by its name, which it keeps when other commands are left out.
type Step struct {
	N      int // its place in the life it comes from: what it makes is named after it
	Client int // its place in Zones
	At     time.Time
	Do     any      // one of the commands
	Names  []string // of the requests or campaigns it is about
}

// kinds are the commands by their names in a file.
var kinds = func() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	list := []any{AssignPlan{}, RemovePlan{}, AssignPacks{}, Start{}, Cancel{}, UndoCancel{}, ChangePlan{}, Use{}, Void{}, Correct{}, ApplyPack{}}
	list = append(list, RequestOneTime{}, UpdateRequest{}, Pay{}, Adjust{}, SetHold{}, SetOverride{}, SetDenialPolicy{}, RegisterCampaign{}, PauseCampaign{}, ResumeCampaign{}, StopCampaign{})
	for _, do := range list {
		all[reflect.TypeOf(do).Name()] = reflect.TypeOf(do)
	}
	return all
}()

// stepFile is a step in a file.
type stepFile struct {
	N      int             `json:"n"`
	Client int             `json:"client,omitempty"`
	At     time.Time       `json:"at"`
	Do     string          `json:"do"`
	Names  []string        `json:"names,omitempty"`
	With   json.RawMessage `json:"with"`
}

// MarshalJSON writes the command under its name.
func (s Step) MarshalJSON() ([]byte, error) {
	with, err := json.Marshal(s.Do)
	if err != nil {
		return nil, err
	}
	return json.Marshal(stepFile{s.N, s.Client, s.At, reflect.TypeOf(s.Do).Name(), s.Names, with})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Step) UnmarshalJSON(text []byte) error {
	var f stepFile
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	kind, known := kinds[f.Do]
	if !known {
		return fmt.Errorf("there is no command %q", f.Do)
	}
	do := reflect.New(kind)
	if err := json.Unmarshal(f.With, do.Interface()); err != nil {
		return fmt.Errorf("command %d, %s: %w", f.N, f.Do, err)
	}
	*s = Step{f.N, f.Client, f.At, do.Elem().Interface(), f.Names}
	return nil
}

func (s Step) String() string {
	with, err := json.Marshal(s.Do)
	if err != nil {
		with = []byte(err.Error())
	}
	return fmt.Sprintf("%s client %d %s %s %s", s.At.UTC().Format(time.RFC3339Nano), s.Client+1, reflect.TypeOf(s.Do).Name(), strings.Join(s.Names, " "), with)
}

// things are the ids of the requests or campaigns that a command is about, to be read and set.
func things(do reflect.Value) (ids []*billing.ID) {
	switch c := do.Interface().(type) {
	case *UpdateRequest:
		return []*billing.ID{&c.Request}
	case *Pay:
		for i := range c.Allocations {
			ids = append(ids, &c.Allocations[i].RequestID)
		}
	case *PauseCampaign:
		return []*billing.ID{&c.Campaign}
	case *ResumeCampaign:
		return []*billing.ID{&c.Campaign}
	case *StopCampaign:
		return []*billing.ID{&c.Campaign}
	}
	return ids
}

// copied is a command to write into, without touching the one it was.
func copied(do any) reflect.Value {
	c := reflect.New(reflect.TypeOf(do))
	c.Elem().Set(reflect.ValueOf(do))
	if pay, is := c.Interface().(*Pay); is {
		pay.Allocations = append([]billing.Allocation{}, pay.Allocations...)
	}
	return c
}

// names names what a command is about.
func (w *run) names(c *Client, do any) (names []string) {
	for _, id := range things(copied(do)) {
		names = append(names, w.nameOf(c, *id))
	}
	return names
}

// nameOf names a cycle request after its subscription's place and its period, anything else after the step that made it.
func (w *run) nameOf(c *Client, id billing.ID) string {
	if r := c.Account.Request(id); r != nil && (r.Kind == billing.Recurring || r.Kind == billing.Usage) {
		return fmt.Sprintf("%s/%d/%d", r.Kind, c.subscriptionPlace(r.SubscriptionID), r.PeriodIndex)
	}
	return fmt.Sprintf("step/%d", w.made[id])
}

func (c *Client) subscriptionPlace(id billing.ID) (place int) {
	for _, e := range c.Facts {
		if f, is := e.Fact.(billing.SubscriptionStarted); is {
			if f.SubscriptionID == id {
				return place
			}
			place++
		}
	}
	return -1
}

// meant is the command with the ids of what its names mean in this life; false if something named is not there.
func (w *run) meant(c *Client, s Step) (do any, there bool) {
	command := copied(s.Do)
	for i, id := range things(command) {
		if *id = w.find(c, s.Names[i]); *id == 0 {
			return nil, false
		}
	}
	if plan := c.assigned(c.Account); plan != nil && reflect.TypeOf(s.Do) == reflect.TypeFor[Start]() {
		return Start{*plan}, true // whichever that is, now that others are left out
	}
	return command.Elem().Interface(), true
}

func (w *run) find(c *Client, name string) billing.ID {
	for _, r := range c.Account.Requests {
		if w.nameOf(c, r.ID) == name {
			return r.ID
		}
	}
	for _, m := range c.Account.Campaigns {
		if w.nameOf(c, m.ID) == name {
			return m.ID
		}
	}
	return 0
}

// Replay lives a script, looks at everything after every command, and answers what does not hold. Commands about what
// is not there are passed over.
func Replay(s Script, opinion Opinion) []string { return replay(s, opinion).result.Broken }

func replay(s Script, opinion Opinion) *run {
	w := &run{Settings: Settings{Opinion: opinion, Clients: len(s.Zones)}, trace: quiet{}, result: Result{Seed: s.Seed, Reach: Reach{}}, made: map[billing.ID]int{}, plans: s.Plans, packs: s.Packs}
	if len(s.Steps) == 0 {
		return w
	}
	w.now = s.Steps[0].At
	for i, zone := range s.Zones {
		w.addClient(i, zone, s.Policy)
	}
	for i, step := range s.Steps {
		c := w.clients[step.Client]
		if do, there := w.meant(c, step); there && len(w.result.Broken) == 0 {
			w.now = later(w.now, step.At)
			w.tell(c, step.N, do)
			w.look(c, step.N, do, len(s.Steps) < 60 || i%20 == 0)
		}
	}
	w.settle()
	return w
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// quiet is a trace nobody reads.
type quiet struct{}

func (quiet) Write(p []byte) (int, error) { return len(p), nil }

// Shrink makes a script that breaks something as short as it can: it leaves out clients, then chunks of commands, then
// single ones, and lets less time pass between those that are left, as long as the same sort of thing is broken.
func Shrink(s Script, opinion Opinion) Script {
	found := Replay(s, opinion)
	if len(found) == 0 {
		return s
	}
	s.Found = found[0]
	try := func(shorter []Step) bool {
		t := s
		t.Steps = shorter
		found := Replay(t, opinion)
		if len(found) == 0 || sortOf(found[0]) != sortOf(s.Found) {
			return false
		}
		t.Found = found[0]
		s = t
		return true
	}
	for c := range s.Zones {
		try(without(s.Steps, func(_ int, step Step) bool { return step.Client == c }))
	}
	for chunk := (len(s.Steps) + 1) / 2; chunk > 0; chunk /= 2 {
		for from := len(s.Steps) - chunk; from > -chunk; { // from the end: what came last is most often not needed
			cut := without(s.Steps, func(i int, _ Step) bool { return i >= from && i < from+chunk })
			try(cut)
			from = min(from, len(s.Steps)) - chunk
		}
	}
	for i := range s.Steps {
		for _, wait := range []time.Duration{0, time.Second, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
			if sooner, less := waiting(s.Steps, i, wait); less && try(sooner) {
				break
			}
		}
	}
	return s
}

// sortOf is what sort of thing was found: its first words, without the figures.
func sortOf(found string) string {
	_, what, _ := strings.Cut(found, "Z: ") // behind where and when
	words := strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, what))
	return strings.Join(words[:min(2, len(words))], " ")
}

func without(steps []Step, out func(i int, s Step) bool) (kept []Step) {
	for i, s := range steps {
		if !out(i, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// waiting lets that much time pass before step i, and moves all that follows; false if that is no less than it was.
func waiting(steps []Step, i int, wait time.Duration) ([]Step, bool) {
	if i == 0 || steps[i].At.Sub(steps[i-1].At) <= wait {
		return nil, false
	}
	off := steps[i].At.Sub(steps[i-1].At) - wait
	sooner := append([]Step{}, steps...)
	for j := i; j < len(sooner); j++ {
		sooner[j].At = sooner[j].At.Add(-off)
		if use, is := sooner[j].Do.(Use); is { // a call of the future would be refused
			use.Event.EndedAt = use.Event.EndedAt.Add(-off)
			sooner[j].Do = use
		}
	}
	return sooner, true
}

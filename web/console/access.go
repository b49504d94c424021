package console

import (
	"time"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// accessCard says whether the client may call, why not and what lifts it, and lets the agency decide otherwise.
func (l *ledger) accessCard() ui.Piece {
	card := ui.Card{Title: "Access", Status: []ui.Badge{desk.Access(l.Access)}, Live: "access", Body: []ui.Piece{ui.Text(l.answer.Message)}}
	if !l.answer.Allowed {
		card.Body = append(card.Body, ui.Facts{{Name: "Since", Value: l.At(l.answer.Since)}, {Name: "Lifted by", Value: ui.Text(l.answer.LiftedBy)}})
	} else if l.answer.MaxDuration != nil {
		card.Body = append(card.Body, ui.Facts{{Name: "The next call may last", Value: ui.Text(l.answer.MaxDuration.Spoken())}})
	}
	card.Foot = ui.Line{l.holdAct(), l.overrideAct()}
	return card
}

func (l *ledger) holdAct() ui.Piece {
	if l.Hold != nil {
		return l.Act(ui.Act{
			ID: "hold", Label: "Lift the hold", Title: "Lift the hold?", Says: l.Of(func(acc *billing.Account, now time.Time) error { return acc.SetHold(false, "", now) }),
			Form: ui.Form{Action: l.url("hold"), Hidden: []ui.Pair{{Name: "on", Value: "no"}}, Submit: ui.Submit{Text: "Lift the hold"}},
		})
	}
	return l.Act(ui.Act{
		ID: "hold", Label: "Put on hold", Tone: ui.Plain, Title: "Put the client on hold?",
		Says: append(l.Of(func(acc *billing.Account, now time.Time) error { return acc.SetHold(true, "by hand", now) }), "It stays until you lift it. An exemption does not lift it."),
		Form: ui.Form{Action: l.url("hold"), Hidden: []ui.Pair{{Name: "on", Value: "yes"}}, Submit: ui.Submit{Text: "Put on hold", Tone: ui.Bad}, Fields: []ui.Piece{
			ui.Field{Name: "reason", Label: "Reason", Hint: "The client reads it.", MaxLength: 500},
		}},
	})
}

func setHold(s *subject) (string, error) {
	on := s.Text("on") == "yes"
	says := "The hold is lifted."
	if on {
		says = "The client is on hold."
	}
	return says, s.App.SetHold(s.R.Context(), s.Who, s.ClientRow.ID, on, s.Text("reason"))
}

func (l *ledger) overrideAct() ui.Piece {
	if l.Override != nil {
		return l.Act(ui.Act{
			ID: "override", Label: "End the exemption", Title: "End the exemption?", Says: l.Of(func(acc *billing.Account, now time.Time) error { return acc.SetOverride(time.Time{}, "", now) }),
			Form: ui.Form{Action: l.url("override"), Hidden: []ui.Pair{{Name: "end", Value: "yes"}}, Submit: ui.Submit{Text: "End the exemption"}},
		})
	}
	return l.Careful(ui.Act{
		ID: "override", Label: "Exempt for a time", Tone: ui.Plain, Title: "Exempt from denials?", Says: []string{"Calls are allowed until the date although something is late or used up. What is used then is metered as ever."},
		Form: ui.Form{Action: l.url("override"), Submit: ui.Submit{Text: "Exempt"}, Fields: []ui.Piece{
			ui.Field{Name: "until", Label: "Until", Type: "date", Hint: "The first moment of that day, in " + l.Visit.Zone.String() + "."},
			ui.Field{Name: "reason", Label: "Reason", Hint: "The client reads it.", MaxLength: 500},
		}},
	})
}

func setOverride(s *subject) (string, error) {
	if s.Text("end") == "yes" {
		return "The exemption is ended.", s.App.SetOverride(s.R.Context(), s.Who, s.ClientRow.ID, time.Time{}, "")
	}
	until, err := s.Day("until")
	if err != nil {
		return "", err
	}
	if until.IsZero() {
		return "", required("until")
	}
	return "The client is exempted until " + s.Spoken(until) + ".", s.App.SetOverride(s.R.Context(), s.Who, s.ClientRow.ID, until, s.Text("reason"))
}

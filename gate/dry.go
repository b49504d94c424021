package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"minutebook/app"
	"minutebook/billing"
)

// The parameter that asks for a dry run, and the header that says that an answer is one.
const (
	DryRun       = "dry_run"
	DryRunHeader = "Minutebook-Dry-Run"
)

// WhatHappens is the field of a dry run's answer that tells more than the command's own.
const WhatHappens = "what_happens"

// Told is what a command would do to one client.
type Told struct {
	ClientID   billing.ID `json:"client_id"`
	ClientName string     `json:"client_name"`
	Says       []string   `json:"says" doc:"Each thing that would happen in a sentence, with its figures, in the words of the console"`
}

// rehearsal says whether a dry run is asked for, and takes that wish out of the request: what is tried is the command
// as it would be sent.
func rehearsal(r *http.Request, rules Rules) (_ *http.Request, wanted bool, err error) {
	if r.URL.RawQuery == "" {
		return r, false, nil
	}
	query := r.URL.Query()
	if !query.Has(DryRun) {
		return r, false, nil
	}
	if rules.NoDryRun != "" {
		refusal := billing.Refuse(billing.Invalid, "no_dry_run", "has no meaning here: "+rules.NoDryRun, "Leave it out.")
		refusal.Field = DryRun
		return r, false, refusal
	}
	if wanted, err = strconv.ParseBool(query.Get(DryRun)); err != nil || strconv.FormatBool(wanted) != query.Get(DryRun) {
		return r, false, billing.InvalidField(DryRun, "must be true or false")
	}
	query.Del(DryRun)
	url := *r.URL
	url.RawQuery = query.Encode()
	r = r.WithContext(r.Context())
	r.URL = &url
	return r, wanted, nil
}

// rehearse runs a command in a transaction that is undone, and answers as the command would have, with what would
// happen to whom.
func (g *Guard) rehearse(w http.ResponseWriter, r *http.Request, body []byte, next http.Handler) error {
	w.Header().Set(DryRunHeader, "true")
	var last *answer
	told, err := g.app.Rehearse(r.Context(), func(ctx context.Context) error {
		try := r.WithContext(ctx)
		try.Body = held(body)
		last = &answer{header: http.Header{}}
		next.ServeHTTP(last, try)
		return nil
	})
	if err == nil && last.status < http.StatusBadRequest {
		err = last.tell(told)
	}
	if err != nil {
		return err
	}
	last.send(w)
	return nil
}

// tell puts what would happen at the end of an answer, which is an object.
func (a *answer) tell(told []app.Told) error {
	happens := make([]Told, len(told))
	for i, t := range told {
		happens[i] = Told{t.Client, t.Name, append([]string{}, t.Says...)}
	}
	text, err := json.Marshal(happens)
	if err != nil {
		return err
	}
	a.body = append(bytes.TrimSuffix(bytes.TrimSpace(a.body), []byte("}")), `,"`+WhatHappens+`":`...)
	a.body = append(append(a.body, text...), "}\n"...)
	return nil
}

package api

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"minutebook/billing"
)

// spelled is the event as JSON, byte for byte as encoding/json would write it: reflection over its thirty fields takes
// longer than anything else between the socket and the app. A test holds the two against each other.
func (e eventOut) spelled() ([]byte, error) {
	s := speller{text: make([]byte, 0, 1200)}
	s.str(`{"source":`, e.Source)
	s.str(`,"event_id":`, e.EventID)
	s.id(`,"id":`, &e.ID)
	s.id(`,"client_id":`, &e.ClientID)
	s.str(`,"client_name":`, e.ClientName)
	s.str(`,"kind":`, e.Kind)
	s.at(`,"started_at":`, time.Time(e.StartedAt), true)
	s.at(`,"ended_at":`, time.Time(e.EndedAt), false)
	s.num(`,"duration_ms":`, e.DurationMS)
	s.num(`,"chats":`, e.Chats)
	s.strOrNull(`,"call_id":`, e.CallID)
	s.strOrNull(`,"campaign_id":`, e.CampaignID)
	s.strOrNull(`,"assistant_id":`, e.AssistantID)
	s.strOrNull(`,"phone_number":`, e.PhoneNumber)
	s.strOrNull(`,"direction":`, e.Direction)
	s.any(`,"cost":`, e.Cost, e.Cost.Value == nil, "null")
	s.any(`,"metadata":`, e.Metadata, string(e.Metadata) == "{}", "{}")
	s.any(`,"tags":`, e.Tags, e.Tags != nil && len(e.Tags) == 0, "[]")
	s.str(`,"status":`, e.Status)
	s.id(`,"subscription_id":`, e.SubscriptionID)
	s.numOrNull(`,"period_index":`, e.PeriodIndex)
	s.numOrNull(`,"call_period_index":`, e.CallPeriodIndex)
	s.flag(`,"late":`, e.Late)
	s.num(`,"raw_ms":`, e.RawMS)
	s.num(`,"billed_ms":`, e.BilledMS)
	s.num(`,"included_ms":`, e.IncludedMS)
	s.num(`,"wallet_ms":`, e.WalletMS)
	s.num(`,"billable_ms":`, e.BillableMS)
	s.num(`,"uncovered_ms":`, e.UncoveredMS)
	s.at(`,"recorded_at":`, time.Time(e.RecordedAt), false)
	s.flag(`,"duplicate":`, e.Duplicate)
	s.flag(`,"archived":`, e.Archived)
	s.str(`,"receipt":`, e.Receipt)
	s.any(`,"corrections":`, e.Corrections, e.Corrections != nil && len(e.Corrections) == 0, "[]")
	return append(s.text, "}\n"...), s.err
}

// spelled is what became of a batch as JSON, likewise.
func (b batchOut) spelled() ([]byte, error) {
	s := speller{text: append(make([]byte, 0, 100+150*len(b.Data)), `{"data":[`...)}
	for i := range b.Data {
		if i > 0 {
			s.text = append(s.text, ',')
		}
		r := &b.Data[i]
		s.num(`{"index":`, int64(r.Index))
		s.str(`,"result":`, r.Result)
		s.str(`,"event_id":`, r.EventID)
		s.id(`,"id":`, r.ID)
		s.any(`,"error":`, r.Error, r.Error.Value == nil, "null")
		s.text = append(s.text, '}')
	}
	s.num(`],"meta":{"accepted":`, int64(b.Meta.Accepted))
	s.num(`,"duplicates":`, int64(b.Meta.Duplicates))
	s.num(`,"conflicts":`, int64(b.Meta.Conflicts))
	s.num(`,"rejected":`, int64(b.Meta.Rejected))
	return append(s.text, "}}\n"...), s.err
}

// spelled is whether a client may call as JSON, as the library writes it.
func (a accessOut) spelled() ([]byte, error) {
	s := speller{text: make([]byte, 0, 256), bare: true}
	s.flag(`{"allowed":`, a.Allowed)
	s.strOrNull(`,"reason":`, a.Reason)
	s.str(`,"message":`, a.Message)
	s.at(`,"since":`, time.Time(a.Since), true)
	s.strOrNull(`,"lifted_by":`, a.LiftedBy)
	if name := `,"max_duration_seconds":`; a.MaxDuration == nil {
		s.null(name)
	} else {
		s.num(name, *a.MaxDuration)
	}
	return append(s.text, "}\n"...), s.err
}

// speller writes JSON: names with what comes before them, and values.
type speller struct {
	text []byte
	bare bool // what HTML has signs for stands as it is
	err  error
}

// any writes a value by reflection, unless it is the usual one.
func (s *speller) any(name string, v any, usual bool, text string) {
	s.text = append(s.text, name...)
	if usual {
		s.text = append(s.text, text...)
		return
	}
	var written bytes.Buffer
	out := json.NewEncoder(&written)
	out.SetEscapeHTML(!s.bare)
	if err := out.Encode(v); err != nil && s.err == nil {
		s.err = err
	}
	s.text = append(s.text, bytes.TrimSuffix(written.Bytes(), []byte("\n"))...)
}

func (s *speller) str(name, v string) {
	for i := range len(v) {
		if c := v[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
			s.any(name, v, false, "")
			return
		}
	}
	s.text = append(s.text, name...)
	s.text = append(s.text, '"')
	s.text = append(s.text, v...)
	s.text = append(s.text, '"')
}

func (s *speller) strOrNull(name string, v *string) {
	if v == nil {
		s.null(name)
		return
	}
	s.str(name, *v)
}

func (s *speller) null(name string) {
	s.text = append(s.text, name...)
	s.text = append(s.text, "null"...)
}

func (s *speller) num(name string, n int64) {
	s.text = append(s.text, name...)
	s.text = strconv.AppendInt(s.text, n, 10)
}

func (s *speller) numOrNull(name string, n *int) {
	if n == nil {
		s.null(name)
		return
	}
	s.num(name, int64(*n))
}

func (s *speller) flag(name string, b bool) {
	s.text = append(s.text, name...)
	s.text = strconv.AppendBool(s.text, b)
}

func (s *speller) id(name string, id *billing.ID) {
	if id == nil {
		s.null(name)
		return
	}
	s.str(name, id.String())
}

func (s *speller) at(name string, t time.Time, orNull bool) {
	if orNull && t.IsZero() {
		s.null(name)
		return
	}
	s.text = append(s.text, name...)
	s.text = t.UTC().AppendFormat(s.text, `"`+instantLayout+`"`)
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"minutebook/billing"
)

// UsageKey is the identity of an event. Rule 5.1.
type UsageKey struct {
	Agency          billing.ID
	Source, EventID string
}

// Digest is a usage key in sixteen bytes, as its index has it: an index of numbers has two fifths of the size of
// one of texts, and stays in memory longer. Where the event's id tells a time, that stands in front, so that ids made one after the other lie side by
// side. The rest is of a SHA-256: nobody finds another id for the place of somebody's call.
type Digest struct {
	Head int64 // never negative; an event is looked up by it alone
	Tail int64
}

// Digest is the digest of a key.
func (k UsageKey) Digest() Digest {
	var room [512]byte
	b := binary.BigEndian.AppendUint64(room[:0], uint64(k.Agency))
	b = binary.BigEndian.AppendUint32(b, uint32(len(k.Source)))
	b = append(append(b, k.Source...), k.EventID...)
	sum := sha256.Sum256(b)
	if when, tells := told(k.EventID); tells {
		binary.BigEndian.PutUint32(sum[:], when)
	}
	return Digest{Head: int64(binary.BigEndian.Uint64(sum[:]) >> 1), Tail: int64(binary.BigEndian.Uint64(sum[8:]))}
}

// told is the time that an id begins with, in steps of 65,536 milliseconds: the upper 32 of the 48 bits of milliseconds in a
// UUID of version 7 (RFC 9562, section 5.7).
func told(id string) (when uint32, tells bool) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[14] != '7' {
		return 0, false
	}
	var b [4]byte
	_, err := hex.Decode(b[:], []byte(id[:8]))
	return binary.BigEndian.Uint32(b[:]), err == nil
}

func (d Digest) into(c cells) {
	c.num(d.Head)
	c.num(d.Tail)
}

// callKey is by what an event is found as one of its call. There is none where the event is named like the call, and found as
// that. It is the head of a digest: whoever finds an event by it compares the call.
func callKey(agency billing.ID, event, call string) (key int64, is bool) {
	if call == "" || call == event {
		return 0, false
	}
	return UsageKey{Agency: agency, EventID: call}.Digest().Head, true
}

func putCallKey(c cells, agency billing.ID, event, call string) {
	if key, is := callKey(agency, event, call); is {
		c.num(key)
		return
	}
	c.null()
}

// KnownUsage finds which of the events are stored already.
func KnownUsage(ctx context.Context, q Q, events []Digest) (map[Digest]*UsageRow, error) {
	if len(events) == 0 {
		return nil, nil
	}
	found := map[billing.ID]ids{}
	if err := askAll(ctx, q, askKnown(spoken(q), events, found)); err != nil {
		return nil, fmt.Errorf("looking up usage events: %w", err)
	}
	return knownRows(ctx, q, found)
}

// askKnown asks for the ids of known events, which the index alone mostly answers with none.
func askKnown(d *dialect, events []Digest, found map[billing.ID]ids) []question {
	if len(events) == 0 {
		return nil
	}
	heads := make(numbers, len(events))
	for i, e := range events {
		heads[i] = e.Head
	}
	return []question{{
		`SELECT found.agency_id, found.id FROM ` + d.eachOf("usage_events", "TRUE", "key_head", 1, "bigint", "") + `
		UNION ALL
		SELECT found.agency_id, found.id FROM ` + anyArchive + d.eachOf("usage_archived", "TRUE", "key_head", 1, "bigint", ""),
		[]any{heads},
		func(r Row) error {
			var agency, id billing.ID
			err := r.Scan(&agency, &id)
			found[agency] = append(found[agency], id)
			return err
		},
	}}
}

// knownRows reads events that are known to be stored, by agency. Those that only share the head with what was asked for are
// among them, each under its own digest.
func knownRows(ctx context.Context, q Q, found map[billing.ID]ids) (map[Digest]*UsageRow, error) {
	known := map[Digest]*UsageRow{}
	for agency, list := range found {
		rows, err := Collect(usageWithID)(q.Query(ctx, `SELECT e.id, `+usageColumns+` FROM `+spoken(q).listedUsage(), agency, list))
		if err == nil {
			err = correct(ctx, q, agency, rows)
		}
		if err == nil && len(rows) < len(list) {
			rows, err = withArchived(ctx, q, agency, list, rows)
		}
		if err != nil {
			return nil, fmt.Errorf("reading known usage events: %w", err)
		}
		for i := range rows {
			u := &rows[i]
			known[UsageKey{agency, u.Event.Source, u.Event.EventID}.Digest()] = u
		}
	}
	return known, nil
}

package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// A column that comes to usage_events has to come to the archive's files as well.
func TestArchiveHoldsEveryColumn(t *testing.T) {
	var want, got []string
	files, err := filepath.Glob("schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?ms)^CREATE TABLE usage_events \(\n(.*?)^\)`).FindAllStringSubmatch(string(text), -1) {
			for _, c := range regexp.MustCompile(`(?m)^    ([a-z_0-9]+) +(?:BIGINT|TEXT|BOOLEAN|BYTEA)`).FindAllStringSubmatch(m[1], -1) {
				want = append(want, c[1])
			}
		}
		for _, m := range regexp.MustCompile(`ALTER TABLE usage_events ADD COLUMN (\w+)`).FindAllStringSubmatch(string(text), -1) {
			want = append(want, m[1])
		}
	}
	for f := range reflect.TypeFor[store.ArchivedEvent]().Fields() {
		got = append(got, f.Tag.Get("json"))
	}
	want = slices.DeleteFunc(want, func(column string) bool { return slices.Contains([]string{"key_head", "key_tail", "call_key"}, column) }) // they follow from the others
	if !slices.Equal(got, want) || len(want) < 30 {
		t.Errorf("an archived event has the columns\n%v, the table\n%v", got, want)
	}
}

func TestArchiveFiles(t *testing.T) {
	folder := store.ArchiveFolder{Path: filepath.Join(t.TempDir(), "archive")}
	started, subscription := int64(7), billing.ID(8)
	events := []store.ArchivedEvent{
		{Agency: 1, ID: 1 << 60, Client: 3, Seq: 1, Source: "s", EventID: "<\u2028>", ContentHash: []byte{0, 255}, Kind: "CALL", StartedAt: &started, EndedAt: 9, Talk: 5, Status: "RATED", SubscriptionID: &subscription, Billed: 6, Wallet: 6, Late: true, Metadata: `{"a":"\u0001"}`},
		{Agency: 1, ID: 5, Client: 4, Seq: 1, Source: "s", EventID: "f", ContentHash: []byte{1}, Kind: "CHAT", Status: "UNRATED", Tags: `["x"]`},
	}
	a, err := folder.Write(77, 1, 202701, events)
	if err != nil {
		t.Fatal(err)
	}
	if a.FirstID != 5 || a.LastID != 1<<60 || a.FirstClient != 3 || a.LastClient != 4 || a.Sums != (store.ArchiveSums{Events: 2, Talk: 5, Billed: 6, Wallet: 6}) {
		t.Errorf("Write = %+v", a)
	}
	again, err := folder.Write(77, 1, 202701, events)
	if err != nil || !reflect.DeepEqual(again, a) {
		t.Errorf("written again = %+v, %v, want %+v", again, err, a)
	}
	got, err := folder.Read(a)
	if err != nil || !reflect.DeepEqual(got, events) {
		t.Errorf("Read = %+v, %v, want %+v", got, err, events)
	}
	r, err := folder.Open(a)
	if err != nil || r.Head.Database != 77 {
		t.Fatalf("Open = %+v, %v", r, err)
	}
	for client, want := range []int{0, 0, 0, 1, 1, 0} {
		if of, err := r.Of(billing.ID(client)); err != nil || len(of) != want {
			t.Errorf("Of(%d) = %v, %v, want %d events", client, of, err, want)
		}
	}
	for what, change := range map[string]func(a *store.Archive){
		"another agency": func(a *store.Archive) { a.Agency = 2 }, "another month": func(a *store.Archive) { a.Month = 202702 }, "other sums": func(a *store.Archive) { a.Sums.Talk++ },
		"another sum of the file": func(a *store.Archive) { a.SHA256 = make([]byte, 32) }, "another file": func(a *store.Archive) { a.File = "1/none" },
	} {
		other := a
		change(&other)
		if events, err := folder.Read(other); err == nil {
			t.Errorf("%s: Read = %v, want an error", what, events)
		}
	}
	folder.Strike = func(step string) error { // the disk does not keep what it was given
		if step == "read again" {
			return os.Truncate(filepath.Join(folder.Path, a.File), 60)
		}
		return nil
	}
	if _, err := folder.Write(77, 1, 202701, events); err == nil {
		t.Error("a file that was cut short was taken for written")
	}
	if _, err := (store.ArchiveFolder{}).Read(a); err == nil || !strings.Contains(err.Error(), "--archive-dir") {
		t.Errorf("without a folder: %v", err)
	}
}

// What is to go must be there as it was read, and what is to come back as it was kept; else nothing is moved.
func TestMovingWhatIsNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := store.Archive{Agency: 1, Month: 202701, Part: 1, File: "f", SHA256: []byte{1}, Sums: store.ArchiveSums{Events: 1}}
		events := []store.ArchivedEvent{{Agency: 1, ID: 5, Client: 4, Source: "s", EventID: "f", ContentHash: []byte{1}, Kind: "CHAT", Status: "UNRATED"}}
		for name, move := range map[string]func(context.Context, store.Q, store.Archive, []store.ArchivedEvent) error{"to": store.MoveToArchive, "from": store.TakeFromArchive} {
			err := db.InTx(t.Context(), func(ctx context.Context, q store.Q) error { return move(ctx, q, a, events) })
			if !errors.Is(err, store.ErrMoved) {
				t.Errorf("%s the archive: %v, want ErrMoved", name, err)
			}
		}
		if _, _, err := store.Archived(t.Context(), db.Q(t.Context()), 1, 5); !errors.Is(err, store.ErrMissing) {
			t.Errorf("Archived = %v, want ErrMissing", err)
		}
	})
}

package store_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minutebook/store"
	"minutebook/store/storetest"
)

type (
	thingID int64
	small   int16
	word    string
	flag    bool
	blob    []byte
)

const things = `
CREATE TABLE things (
    id   BIGINT NOT NULL PRIMARY KEY,
    n    BIGINT,
    s    TEXT COLLATE "C",
    b    BOOLEAN,
    raw  BYTEA,
    at   BIGINT
);`

// A value comes back as it went in, whatever it is called, from both databases.
func TestRoundTrip(t *testing.T) {
	at := time.Date(2026, 3, 29, 1, 59, 59, 123_456_000, time.UTC)
	west := at.In(time.FixedZone("west", -8*3600))
	id, w := thingID(7), word("seven")
	tests := []struct {
		name, column string
		in, out      any // out is a pointer to what is expected
	}{
		{"int64", "n", int64(-5), ptr(int64(-5))},
		{"int64 max", "n", int64(math.MaxInt64), ptr(int64(math.MaxInt64))},
		{"int64 min", "n", int64(math.MinInt64), ptr(int64(math.MinInt64))},
		{"int", "n", 5, ptr(5)},
		{"uint", "n", uint(5), ptr(uint(5))},
		{"named int", "n", id, ptr(id)},
		{"small int", "n", small(-3), ptr(small(-3))},
		{"pointer to named int", "n", &id, ptr(ptr(id))},
		{"string", "s", "zwölf 'o\"clock", ptr("zwölf 'o\"clock")},
		{"empty string", "s", "", ptr("")},
		{"named string", "s", w, ptr(w)},
		{"pointer to named string", "s", &w, ptr(ptr(w))},
		{"json", "s", json.RawMessage(`{"a":1}`), ptr(json.RawMessage(`{"a":1}`))},
		{"true", "b", true, ptr(true)},
		{"false", "b", false, ptr(false)},
		{"named bool", "b", flag(true), ptr(flag(true))},
		{"pointer to bool", "b", ptr(false), ptr(ptr(false))},
		{"bytes", "raw", []byte{0, 255, 1}, ptr([]byte{0, 255, 1})},
		{"empty bytes", "raw", []byte{}, ptr([]byte{})},
		{"named bytes", "raw", blob("xy"), ptr(blob("xy"))},
		{"instant", "at", at, ptr(at)},
		{"instant elsewhere", "at", west, ptr(at)},
		{"instant, cut to microseconds", "at", at.Add(999), ptr(at)},
		{"instant before 1970", "at", time.UnixMicro(-1), ptr(time.UnixMicro(-1).UTC())},
		{"pointer to instant", "at", &at, ptr(ptr(at))},
		{"instant is microseconds", "at", at, ptr(at.UnixMicro())},

		{"nil", "n", nil, ptr(int64(0))},
		{"nil pointer", "n", (*thingID)(nil), ptr((*thingID)(nil))},
		{"nil pointer to int64", "n", (*int64)(nil), ptr((*int64)(nil))},
		{"NULL to named int", "n", nil, ptr(thingID(0))},
		{"NULL to string", "s", nil, ptr("")},
		{"NULL to pointer", "s", (*word)(nil), ptr((*word)(nil))},
		{"NULL to bool", "b", (*bool)(nil), ptr(false)},
		{"nil bytes", "raw", []byte(nil), ptr([]byte(nil))},
		{"nil json", "s", json.RawMessage(nil), ptr(json.RawMessage(nil))},
		{"zero instant", "at", time.Time{}, ptr(time.Time{})},
		{"zero instant to pointer", "at", time.Time{}, ptr((*time.Time)(nil))},
		{"nil instant", "at", (*time.Time)(nil), ptr((*time.Time)(nil))},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		store.CreateTable(t, db, things)
		for i, tt := range tests {
			write(t, db, `INSERT INTO things (id, `+tt.column+`) VALUES ($1, $2)`, i, tt.in)
			got := filled(tt.out)
			err := db.Q(ctx).QueryRow(ctx, `SELECT `+tt.column+` FROM things WHERE id = $1`, i).Scan(got)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			if diff := cmp.Diff(tt.out, got); diff != "" {
				t.Errorf("%s: -want +got\n%s", tt.name, diff)
			}
		}
	})
}

// filled is a pointer of the same type to something that is not zero, so that a
// Scan that does nothing is noticed.
func filled(like any) any {
	switch like.(type) {
	case *int64:
		return ptr(int64(99))
	case *int:
		return ptr(99)
	case *uint:
		return ptr(uint(99))
	case *thingID:
		return ptr(thingID(99))
	case *small:
		return ptr(small(99))
	case **thingID:
		return ptr(ptr(thingID(99)))
	case **int64:
		return ptr(ptr(int64(99)))
	case *string:
		return ptr("before")
	case *word:
		return ptr(word("before"))
	case **word:
		return ptr(ptr(word("before")))
	case *json.RawMessage:
		return ptr(json.RawMessage("before"))
	case *bool:
		return ptr(true)
	case *flag:
		return ptr(flag(false))
	case **bool:
		return ptr(ptr(true))
	case *[]byte:
		return ptr([]byte("before"))
	case *blob:
		return ptr(blob("before"))
	case *time.Time:
		return ptr(time.UnixMicro(99))
	case **time.Time:
		return ptr(ptr(time.UnixMicro(99)))
	}
	panic("no filling for this type")
}

func ptr[T any](v T) *T { return &v }

// What cannot be kept exactly is refused, on the way in and on the way out.
func TestRefusedValues(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		store.CreateTable(t, db, things)
		for _, bad := range []any{1.5, uint64(math.MaxUint64), struct{}{}, []int64{1}, map[string]int{}, ptr(2.5)} {
			if err := tryWrite(db, `INSERT INTO things (id, n) VALUES (1, $1)`, bad); err == nil {
				t.Errorf("a %T was taken as an argument", bad)
			}
		}
		write(t, db, `INSERT INTO things (id, n, s, b) VALUES (1, 70000, 'x', TRUE)`)
		var tiny small
		var unsigned uint8
		var fraction struct{}
		for column, dest := range map[string]any{"n": &tiny, "s": new(int64), "id": &fraction, "n + 1": &unsigned, "0 - n": new(uint64), "n + 2": tiny, "n + 3": (*thingID)(nil)} {
			if err := db.Q(ctx).QueryRow(ctx, `SELECT `+column+` FROM things`).Scan(dest); err == nil {
				t.Errorf("%s was read into a %T: %v", column, dest, dest)
			}
		}
	})
}

// Neither database takes a value of another type into an integer column, as
// SQLite would by itself.
func TestColumnsAreStrict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		for _, bad := range []any{"text", "1.5"} {
			if err := tryWrite(db, `INSERT INTO things (id, n) VALUES (1, $1)`, bad); err == nil {
				t.Errorf("an integer column took %v", bad)
			}
		}
		for _, literal := range []string{"'text'", "9223372036854775808"} {
			if err := tryWrite(db, `INSERT INTO things (id, n) VALUES (2, `+literal+`)`); err == nil {
				t.Errorf("an integer column took %s", literal)
			}
		}
	})
}

// $2 before $1, and one of them twice, mean the same on both.
func TestPlaceholders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		var a, b, c string
		err := db.Q(ctx).QueryRow(ctx, `SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)`, "one", "two").Scan(&a, &b, &c)
		if err != nil || a != "two" || b != "one" || c != "two" {
			t.Errorf("got %q, %q, %q, %v", a, b, c, err)
		}
	})
}

func TestSchemaWords(t *testing.T) {
	got := store.SchemaFor("CREATE TABLE a (\n    n BIGINT, -- BIGINTS\n    b BOOLEAN, r BYTEA, s TEXT COLLATE \"C\"\n);\nCREATE INDEX i ON a (n);\n")
	want := "CREATE TABLE a (\n    n INTEGER, -- BIGINTS\n    b INTEGER, r BLOB, s TEXT\n) STRICT;\nCREATE INDEX i ON a (n);\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

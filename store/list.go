package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"minutebook/billing"
)

// Listing is a list somebody asks for, newest first: one agency's rows of a
// table or a join, with filters. It is made by List and narrowed by Where.
//
//	l := store.List("c.name, a.wallet_ms", "clients c JOIN accounts a ON ...", "c.agency_id", "c.id", agency)
//	l.Where("c.external_id = ?", externalID)
//	rows, err := store.Read(ctx, q, l, store.Window{Limit: 20}, readClient)
//
// Every piece of SQL comes from the program, never from a request. In the
// columns and in the source, $1 is the agency.
type Listing struct {
	columns, source, id string
	order               order
	where               []string
	args                []any
	count               *statement // a quicker way to the same number, or nil
	counted             *int64     // the number, where it is known
	keyed               string     // a source with the same rows and conditions but fewer joins, or "": to count and to choose rows in
}

// List begins a listing: the columns to read, where from, and the columns that
// hold the agency and the id. Rows are ordered by that id.
func List(columns, source, agencyColumn, idColumn string, agency billing.ID) *Listing {
	return &Listing{columns: columns, source: source, id: idColumn, where: []string{agencyColumn + " = $1"}, args: []any{agency}}
}

// Where narrows the list by a condition in which each ? stands for the next
// argument. All conditions must hold.
func (l *Listing) Where(condition string, args ...any) *Listing {
	parts := strings.Split(condition, "?")
	if len(parts)-1 != len(args) {
		panic(fmt.Sprintf("store: %q needs %d arguments, not %d", condition, len(parts)-1, len(args)))
	}
	var text strings.Builder
	for i, part := range parts {
		text.WriteString(part)
		if i < len(args) {
			text.WriteString(l.arg(args[i]))
		}
	}
	l.where = append(l.where, "("+text.String()+")")
	return l
}

// WhereSet is Where, unless the value is its type's zero: a filter nobody asked for.
func WhereSet[T comparable](l *Listing, condition string, value T) {
	var unset T
	if value != unset {
		l.Where(condition, value)
	}
}

// arg keeps an argument and returns its placeholder.
func (l *Listing) arg(v any) string {
	l.args = append(l.args, v)
	return "$" + strconv.Itoa(len(l.args))
}

// CountedBy gives the list a quicker way to be counted than by its rows: a statement that answers with one number. In it
// $1 is the agency.
func (l *Listing) CountedBy(sql string, args ...any) {
	l.count = &statement{sql, append([]any{l.args[0]}, args...)}
}

// order is another order than newest first: what rows are ordered by, and which way.
type order struct{ by, way string }

// Order puts rows into another order than newest first; those that are equal in it stay newest first. Such a list is
// paged by number: a cursor knows the newest-first order only.
func (l *Listing) Order(o order) *Listing {
	l.order = o
	return l
}

// Total counts the rows of the whole list.
func (l *Listing) Total(ctx context.Context, q Q) (n int64, err error) {
	switch {
	case l.counted != nil:
		return *l.counted, nil
	case l.count != nil:
		err := q.QueryRow(ctx, l.count.sql, l.count.args...).Scan(&n)
		if errors.Is(err, ErrMissing) { // of a client that is not there
			return 0, nil
		}
		return n, err
	}
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM `+l.rows()+` WHERE `+strings.Join(l.where, " AND "), l.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting the rows of a list: %w", err)
	}
	return n, nil
}

// Window is the part of a list that is wanted: Limit rows after Offset, or,
// where Before is set, those whose id is smaller.
type Window struct {
	Before billing.ID
	Offset int
	Limit  int
}

// Part is a read part of a list. Next is the Before of what follows, 0 at the end.
type Part[T any] struct {
	Items []T
	Total int64
	Next  billing.ID
}

// Read reads a part of a list, and how long the whole list is.
func Read[T any](ctx context.Context, q Q, l *Listing, w Window, read func(Row, *T) error) (Part[T], error) {
	total, err := l.Total(ctx, q)
	if err != nil {
		return Part[T]{}, err
	}
	part, err := readPart(ctx, q, l, w, read)
	part.Total = total
	return part, err
}

// slice is how many rows Walk reads at once.
const slice = 500

// Walk reads a whole list, newest first, a slice at a time: as much memory for a million rows as for a thousand. What is
// added meanwhile is not in it. Between two slices nothing is held, so that whoever takes them may be slow.
func Walk[T any](ctx context.Context, q Q, l *Listing, read func(Row, *T) error, each func([]T) error) error {
	for w := (Window{Limit: slice}); ; {
		part, err := readPart(ctx, q, l, w, read)
		if err != nil {
			return err
		}
		if err := each(part.Items); err != nil || part.Next == 0 {
			return err
		}
		w.Before = part.Next
	}
}

// readPart reads a part of a list without counting all of it.
func readPart[T any](ctx context.Context, q Q, l *Listing, w Window, read func(Row, *T) error) (part Part[T], err error) {
	s := l.part(spoken(q), w)
	items, err := Collect(func(r Row, one *keyed[T]) error { return one.from(r, read) })(q.Query(ctx, s.sql, s.args...))
	if err != nil {
		return part, fmt.Errorf("reading a list: %w", err)
	}
	part.Items = make([]T, 0, len(items))
	for i, item := range items {
		if i == w.Limit { // one row more was asked for, to know that there is one
			if l.order == (order{}) {
				part.Next = items[i-1].id
			}
			break
		}
		part.Items = append(part.Items, item.value)
	}
	return part, nil
}

// rows is where rows are counted and chosen.
func (l *Listing) rows() string {
	if l.keyed != "" {
		return l.keyed
	}
	return l.source
}

// part is the statement that reads a part of the list.
func (l *Listing) part(d *dialect, w Window) statement {
	page := *l
	page.where, page.args = append([]string{}, l.where...), append([]any{}, l.args...)
	if w.Before != 0 {
		page.Where(l.id+" < ?", w.Before)
		w.Offset = 0
	}
	sorted, again, sort := l.id+" DESC", "chosen.key DESC", ""
	if l.order.by != "" {
		sorted, again, sort = "sort "+l.order.way+", "+sorted, "chosen.sort "+l.order.way+", "+again, ", "+l.order.by+" AS sort"
	}
	// As an argument, the limit would be a tenth of the table to PostgreSQL once it keeps a plan, and so would no offset at all.
	where, window := strings.Join(page.where, " AND "), " ORDER BY "+sorted+" LIMIT "+strconv.Itoa(w.Limit+1)
	if w.Offset > 0 {
		window += " OFFSET " + page.arg(w.Offset)
	}
	if l.keyed == "" && l.order.by == "" {
		return statement{"SELECT " + l.id + ", " + l.columns + " FROM " + l.source + " WHERE " + where + window, page.args}
	}
	// The rows are chosen first, and what is joined to them is looked up for each: left to itself, and knowing little of a
	// table, PostgreSQL joins and sorts the whole list for each part of it, as SQLite does where it has to sort.
	chosen := "(SELECT " + l.id + " AS key" + sort + " FROM " + l.rows() + " WHERE " + where + window + ") AS chosen"
	each := l.source + " WHERE " + where + " AND " + l.id + " = chosen.key"
	if d.arrays {
		return statement{"SELECT found.* FROM " + chosen + ", LATERAL (SELECT " + l.id + ", " + l.columns + " FROM " + each + " OFFSET 0) AS found ORDER BY " + again, page.args}
	}
	return statement{"SELECT " + l.id + ", " + l.columns + " FROM " + chosen + " CROSS JOIN " + each + " ORDER BY " + again, page.args}
}

// keyed is a row with the id the list is ordered by.
type keyed[T any] struct {
	id    billing.ID
	value T
}

func (k *keyed[T]) from(r Row, read func(Row, *T) error) error {
	return read(withID{r, &k.id}, &k.value)
}

// withID reads the id in front of the columns.
type withID struct {
	row Row
	id  *billing.ID
}

func (r withID) Scan(dest ...any) error { return r.row.Scan(append([]any{r.id}, dest...)...) }

// LikePattern is a LIKE pattern for text that contains part, whose own wildcards
// are meant literally. It goes with ESCAPE '\' in SQL.
func LikePattern(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

// Cursor writes the place after a row of an agency's list, or "" for 0. Only
// that agency can use it.
func Cursor(agency, id billing.ID) string {
	if id == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(cursorBytes(agency, id))
}

// ParseCursor reads what Cursor wrote for the same agency. "" is 0, the start.
func ParseCursor(agency billing.ID, text string) (billing.ID, error) {
	if text == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(raw) == cursorSize {
		id := billing.ID(binary.BigEndian.Uint64(raw))
		if id > 0 && string(cursorBytes(agency, id)) == string(raw) {
			return id, nil
		}
	}
	return 0, billing.InvalidField("cursor", "is not one this list gave out; start again without it")
}

const cursorSize = 16

// cursorBytes are the id and a check that ties it to the agency. The check is
// no secret: whatever a cursor says, a list shows its own agency's rows only.
func cursorBytes(agency, id billing.ID) []byte {
	place := binary.BigEndian.AppendUint64(nil, uint64(id))
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("cursor"), place...), uint64(agency)))
	return append(place, sum[:cursorSize-len(place)]...)
}

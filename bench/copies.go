package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// frontDoor is the most events that are stored through the program. Of more, a fiftieth is, and PostgreSQL copies those
// inside the database under other ids: a table and its indexes of that size, which is what `growth` asks for. The copies are
// in no sum by day, and older than the first real one.
const (
	frontDoor = 10_000_000
	copies    = 49
)

// copyEvents makes the copies. The indexes are made anew afterwards, which takes a fraction of keeping them up.
func (b *books) copyEvents(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	indexes, others, err := describeEvents(ctx, conn)
	if err != nil {
		return err
	}
	err = execEach(ctx, conn, `ALTER TABLE usage_events DROP CONSTRAINT usage_events_pkey CASCADE`, `DROP INDEX usage_events_once, usage_events_client, usage_events_call`)
	if err == nil {
		err = b.copyRows(ctx, conn, others)
	}
	if err == nil {
		err = execEach(ctx, conn, append([]string{`SET maintenance_work_mem = '1GB'`}, indexes...)...)
	}
	if err == nil {
		err = execEach(ctx, conn, `ALTER TABLE usage_events ADD PRIMARY KEY USING INDEX usage_events_pkey`, `VACUUM (ANALYZE) usage_events`, `CHECKPOINT`)
	}
	if err == nil { // as a server has them in memory that took the calls itself
		err = execEach(ctx, conn, `CREATE EXTENSION IF NOT EXISTS pg_prewarm`, `SELECT pg_prewarm('usage_events_client')`, `SELECT pg_prewarm('usage_events_once')`)
	}
	return err
}

// describeEvents reads how the indexes are made, and which columns a copy shares with its event.
func describeEvents(ctx context.Context, conn *pgx.Conn) (indexes, others []string, err error) {
	rows, _ := conn.Query(ctx, `SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'usage_events'`)
	if indexes, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, nil, err
	}
	rows, _ = conn.Query(ctx, `SELECT column_name::text FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = 'usage_events' AND column_name NOT IN ('id', 'seq', 'event_id', 'key_head', 'key_tail', 'call_key') ORDER BY ordinal_position`)
	others, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return indexes, others, err
}

// copyRows copies what is there, over two connections.
func (b *books) copyRows(ctx context.Context, conn *pgx.Conn, others []string) error {
	var first, span, seqs, blocks int64
	err := conn.QueryRow(ctx, `SELECT MIN(id), MAX(id) - MIN(id) + 1, MAX(seq) + 1, pg_relation_size('usage_events') / 8192 FROM usage_events`).Scan(&first, &span, &seqs, &blocks)
	if err != nil {
		return err
	}
	list := strings.Join(others, ", ")
	// The digests of random ids are random, and these are nobody's.
	statement := fmt.Sprintf(`INSERT INTO usage_events (id, seq, event_id, key_head, key_tail, call_key, %s)
		SELECT id - $1 * %d::bigint, seq - $1 * %d::bigint, gen_random_uuid()::text, (random() * 9.2e18)::bigint, (random() * 9.2e18)::bigint,
		       CASE WHEN call_key IS NOT NULL THEN (random() * 9.2e18)::bigint END, %s FROM usage_events WHERE ctid < '(%d,0)'::tid AND id >= %d`, list, span, seqs, list, blocks, first)
	var copiers sync.WaitGroup
	faults := make([]error, 2)
	for i := range faults {
		copiers.Go(func() {
			another, err := pgx.Connect(ctx, b.url)
			if err != nil {
				faults[i] = err
				return
			}
			defer another.Close(ctx)
			for n := i + 1; n <= copies && faults[i] == nil; n += len(faults) {
				_, faults[i] = another.Exec(ctx, statement, int64(n))
			}
		})
	}
	copiers.Wait()
	return errors.Join(faults...)
}

func execEach(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, each := range statements {
		if _, err := conn.Exec(ctx, each); err != nil {
			return fmt.Errorf("%s: %w", each, err)
		}
	}
	return nil
}

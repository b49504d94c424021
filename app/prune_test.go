package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minutebook/store"
	"minutebook/store/storetest"
)

// What is older than a month leaves the outbox, and old answers are forgotten, however many there are and a few at a time;
// what is younger stays. Where nothing is old, nothing is locked: it once read the whole outbox each minute, and on SQLite
// every call waited.
func TestPruneDropsWhatIsOldLittleByLittle(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var deletes atomic.Int64
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(_ store.Stage, sql string) error {
				if strings.Contains(sql, "DELETE FROM outbox") || strings.Contains(sql, "DELETE FROM idempotency_keys") {
					deletes.Add(1)
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			now := w.a.Clock()
			many := func(sql string, at time.Time, also ...any) {
				w.Helper()
				w.ok(db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
					_, err := q.Exec(ctx, strings.ReplaceAll(sql, "{at}", fmt.Sprint(at.UnixMicro())), append([]any{w.who.Agency}, also...)...)
					return err
				}))
			}
			const numbers = `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1203) `
			const facts = numbers + `INSERT INTO outbox (agency_id, id, client_id, seq, name, body, at, recorded_at)
				SELECT c.agency_id, n, c.id, 1, 'a', '{}', {at}, {at} FROM n, clients c WHERE c.agency_id = $1`
			const claims = numbers + `INSERT INTO idempotency_keys (agency_id, key, fingerprint, status, content_type, body, claim, claimed_at, finished_at)
				SELECT g.id, 'k' || n || '/{at}', $2, 200, '', $2, n, {at} + n, {at} FROM n, agencies g WHERE g.id = $1`
			count := func(table string) (n int64) {
				w.ok(db.Q(w.ctx).QueryRow(w.ctx, `SELECT COUNT(*) FROM `+table).Scan(&n))
				return n
			}
			many(claims, now.Add(-29*24*time.Hour), []byte{})
			young, kept := count("outbox"), count("idempotency_keys")
			w.ok(w.a.Prune(w.ctx))
			if facts, answers := count("outbox"), count("idempotency_keys"); facts != young || answers != kept || deletes.Load() != 0 {
				t.Errorf("with nothing old, %d of %d facts and %d of %d answers are left after %d statements that delete, want all and none", facts, young, answers, kept, deletes.Load())
			}
			many(facts, now.Add(-31*24*time.Hour))
			many(claims, now.Add(-31*24*time.Hour), []byte{})
			w.ok(w.a.Prune(w.ctx))
			if facts, answers := count("outbox"), count("idempotency_keys"); facts != young || answers != kept || deletes.Load() != 6 {
				t.Errorf("%d facts and %d answers are left after %d statements that delete, want the %d and %d young ones after 6", facts, answers, deletes.Load(), young, kept)
			}
			w.audited()
		})
	}
}

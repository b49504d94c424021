package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// What is remembered of meters is what a plain read finds, whoever wrote in between: this process or another, with a
// transaction that began before the last look or after it, kept or undone.
func TestKnownMetersAreNeverOlderThanTheQuestion(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			url := storetest.MigratedURL(t, dialect)
			reads := 0
			ours := storetest.Connect(t, url, store.Faults(func(_ store.Stage, sql string) error {
				if strings.Contains(sql, "a.denial_policy") {
					reads++
				}
				return nil
			}))
			theirs := storetest.Connect(t, url)
			twoAgencies(t, ours, 5)
			var known store.KnownMeters
			dice := rand.New(rand.NewPCG(1, 2))
			undone := errors.New("undone")
			for i := range 1500 {
				db := []*store.DB{ours, theirs}[dice.IntN(2)]
				one := store.Named{Agency: billing.ID(1 + dice.IntN(2))}
				one.Client = one.Agency*1000 + billing.ID(dice.IntN(7)) // two are not there
				named := []store.Named{one, {Agency: 1, Client: 1001}, {Agency: 2, Client: 2001}}[:1+dice.IntN(3)]
				change := func(end error) error {
					return db.InTx(ctx, func(ctx context.Context, q store.Q) error {
						if _, err := q.Exec(ctx, `UPDATE accounts SET wallet_ms = $1 WHERE agency_id = $2 AND client_id = $3`, i, one.Agency, one.Client); err != nil {
							return err
						}
						if dice.IntN(2) == 0 { // while it is written, and not kept
							same(t, ours, &known, named)
						}
						return end
					})
				}
				switch dice.IntN(24) {
				case 0:
					if err := change(nil); err != nil {
						t.Fatal(err)
					}
					if _, is := known.Known(ours, one); is {
						t.Fatal("a meter is remembered right after a commit")
					}
				case 1:
					if err := change(undone); !errors.Is(err, undone) {
						t.Fatal(err)
					}
				}
				same(t, ours, &known, named)
			}
			named := []store.Named{{Agency: 1, Client: 1001}}
			if dialect == "postgres" { // other tests commit to the same server: sooner or later none does for a moment
				still := false
				for range 5000 {
					before := reads
					same(t, ours, &known, named)
					if still = reads == before+1; still { // the plain read that it is compared with
						break
					}
				}
				if !still {
					t.Error("meters are read each time")
				}
				return
			}
			// Where nobody writes, nothing is read again.
			for range 12 { // for a while after the last commit, all is
				same(t, ours, &known, named)
			}
			before := reads
			for range 10 {
				if _, err := known.Load(ctx, ours, named); err != nil {
					t.Fatal(err)
				}
				if _, is := known.Known(ours, named[0]); !is {
					t.Error("what is remembered is not known without asking")
				}
			}
			if reads != before {
				t.Errorf("%d meters were read again", reads-before)
			}
		})
	}
}

// What another process commits is seen as well, as soon as it says that it did: also where nobody is asked.
func TestACommitOfAnotherProcessIsSeen(t *testing.T) {
	const other = "MINUTEBOOK_TEST_COMMITS_TO"
	ctx := context.Background()
	if url := os.Getenv(other); url != "" { // this is that process
		db, err := store.Open(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		asked := bufio.NewScanner(os.Stdin)
		for i := 1; asked.Scan(); i++ {
			write(t, db, fmt.Sprintf(`UPDATE accounts SET wallet_ms = %d WHERE agency_id = 1 AND client_id = 1001`, i))
			fmt.Println("written")
		}
		return
	}
	url := storetest.MigratedURL(t, "sqlite")
	db := storetest.Connect(t, url)
	twoAgencies(t, db, 2)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestACommitOfAnotherProcessIsSeen$")
	cmd.Env = append(os.Environ(), other+"="+url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() //nolint:errcheck // it says what it was asked to
	defer in.Close()
	said := bufio.NewScanner(out)
	var known store.KnownMeters
	one := store.Named{Agency: 1, Client: 1001}
	for i := 1; i <= 100; i++ {
		for range 12 { // until it is remembered again
			same(t, db, &known, []store.Named{one})
		}
		if _, is := known.Known(db, one); !is {
			t.Fatal("nothing is remembered")
		}
		fmt.Fprintln(in)
		if !said.Scan() || said.Text() != "written" {
			t.Fatalf("the other process says %q", said.Text())
		}
		if meter, is := known.Known(db, one); is {
			t.Fatalf("after the other process wrote %d, %s is remembered", i, wallet(meter))
		}
		if got, err := known.Load(ctx, db, []store.Named{one}); err != nil || wallet(got[0]) != fmt.Sprint(i) {
			t.Fatalf("the wallet has %s, want %d; %v", wallet(got[0]), i, err)
		}
	}
}

// The connection that watches leaves nothing behind: the last to close a SQLite file folds its log in.
func TestWhoWatchedLeavesNoLog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := storetest.MigratedURL(t, "sqlite")
	db, err := store.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	twoAgencies(t, db, 2)
	var known store.KnownMeters
	for range 3 * 8 {
		same(t, db, &known, []store.Named{{Agency: 1, Client: 1001}})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the log is still there: %v", err)
	}
}

func wallet(m store.Meter) string {
	if m.Account == nil {
		return "no account"
	}
	return fmt.Sprint(m.Wallet)
}

func same(t testing.TB, db *store.DB, known *store.KnownMeters, named []store.Named) {
	t.Helper()
	ctx := context.Background()
	got, err := known.Load(ctx, db, named)
	if err != nil {
		t.Fatal(err)
	}
	want, err := store.LoadMeters(ctx, db.Q(ctx), named)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want := wallet(want[i])
		if got := wallet(got[i]); got != want {
			t.Fatalf("client %d of agency %d has %s, want %s", named[i].Client, named[i].Agency, got, want)
		}
		if meter, is := known.Known(db, named[i]); is && wallet(meter) != want {
			t.Fatalf("client %d of agency %d is remembered with %s, want %s", named[i].Client, named[i].Agency, wallet(meter), want)
		}
	}
}

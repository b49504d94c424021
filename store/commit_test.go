package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minutebook/store"
	"minutebook/store/storetest"
)

// A commit whose answer is lost may have been kept: it is not tried again, and its caller hears that nobody knows.
func TestACommitWithoutAnAnswerIsNeverTriedAgain(t *testing.T) {
	at := storetest.MigratedURL(t, "postgres")
	db := storetest.Connect(t, deafAfterCommit(t, at))
	direct := storetest.Connect(t, at)
	store.CreateTable(t, direct, things)
	tries := 0
	ctx := store.Noting(context.Background())
	err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
		tries++
		_, err := q.Exec(ctx, addThing, tries)
		return err
	})
	if !errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrBusy) || tries != 1 || store.Kept(ctx) {
		t.Errorf("InTx = %v after %d tries, want ErrUnknown after one", err, tries)
	}
	n := count(t, direct)
	for range 2400 { // the server may still be at it when the wire is cut
		if n != 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
		n = count(t, direct)
	}
	if n != 1 {
		t.Errorf("%d rows, want the one whose commit was not answered", n)
	}
}

// deafAfterCommit is a way to the server on which no commit is ever answered.
func deafAfterCommit(t *testing.T, at string) string { return wayOver(t, at, forward) }

// wayOver is a way to the server on which all goes through somebody's hands.
func wayOver(t *testing.T, at string, carry func(near, far net.Conn)) string {
	t.Helper()
	config, err := pgx.ParseConfig(at)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for near, err := l.Accept(); err == nil; near, err = l.Accept() {
			network, address := pgconn.NetworkAddress(config.Host, config.Port)
			far, err := net.Dial(network, address)
			if err != nil {
				near.Close()
				continue
			}
			go carry(near, far)
		}
	}()
	return (&url.URL{Scheme: "postgres", User: url.User(config.User), Host: l.Addr().String(), Path: "/" + config.Database, RawQuery: "sslmode=disable"}).String()
}

// forward carries everything there and back; what follows a commit is swallowed until the server has answered it.
func forward(near, far net.Conn) {
	defer near.Close()
	deaf := make(chan struct{})
	go func() {
		defer far.Close()
		buffer := make([]byte, 8192)
		for n, err := near.Read(buffer); err == nil; n, err = near.Read(buffer) {
			if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
				close(deaf)
				_, _ = far.Write(buffer[:n])
				return
			}
			_, _ = far.Write(buffer[:n])
		}
	}()
	buffer := make([]byte, 8192)
	for n, err := far.Read(buffer); err == nil; n, err = far.Read(buffer) {
		select {
		case <-deaf:
			_, _ = io.Copy(io.Discard, far)
			return
		default:
			_, _ = near.Write(buffer[:n])
		}
	}
}

// What was committed is noted for whoever has to say what became of a request; what was not is not.
func TestNoting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := store.Noting(context.Background())
		_ = db.InTx(ctx, func(context.Context, store.Q) error { return fmt.Errorf("no") })
		if store.Kept(ctx) {
			t.Error("kept, after a transaction that failed")
		}
		if err := db.Ready(ctx); err != nil || !store.Kept(ctx) {
			t.Errorf("Ready = %v, kept %v, want true", err, store.Kept(ctx))
		}
	})
}

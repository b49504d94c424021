package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestWhatAnAnswerSays: whatever may have been done is unknown, and only what surely was not is refused.
func TestWhatAnAnswerSays(t *testing.T) {
	t.Parallel()
	for _, told := range []struct {
		status int
		code   string
		left   bool
		err    error
		want   outcome
	}{
		{201, "", true, nil, done},
		{200, "", true, nil, done},
		{201, "", true, io.ErrUnexpectedEOF, unknown}, // the answer broke off
		{409, "event_conflict", true, nil, refused},
		{422, "invalid", true, nil, refused},
		{429, "rate_limited", true, nil, refused},
		{500, "internal", true, nil, unknown},
		{502, "", true, nil, unknown},
		{503, "unavailable", true, nil, refused},
		{503, "outcome_unknown", true, nil, unknown},
		{503, "", true, nil, unknown},
		{0, "", true, io.EOF, unknown},
		{0, "", true, &net.OpError{Op: "dial"}, unknown}, // it was sent before, over another connection
		{0, "", false, &net.OpError{Op: "dial"}, refused},
	} {
		answer := object{}
		if told.code != "" {
			answer["code"] = told.code
		}
		if got := verdict(told.status, answer, told.left, told.err); got != told.want {
			t.Errorf("%d %s, left %v, %v: %s, want %s", told.status, told.code, told.left, told.err, got, told.want)
		}
	}
}

// TestAServerThatDiesBeforeItAnswers: what it had read is unknown, with and without a key, and what finds nobody is
// refused. A client that sends again by itself would meet the closed door and take the first for the second. The last
// deed knocks at a door that nobody ever opened: the one just closed stays open for as long as a program that another
// test is starting at this moment still holds a copy of it.
func TestAServerThatDiesBeforeItAnswers(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "key"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		read := make(chan error)
		go func() { read <- answerOnce(listener) }()
		h := newHistory(&caller{program: &program{TB: t, address: listener.Addr().String()}}, loadClock)
		var got []outcome
		for n := range 3 {
			d := &deed{kind: "usage", key: h.mark("call"), once: key, method: "POST", path: "/usage-events", body: object{"n": n}}
			h.do(d)
			if n == 1 {
				if err := <-read; err != nil {
					t.Fatal(err)
				}
				h.address = nobody
			}
			got = append(got, d.outcome())
		}
		if fmt.Sprint(got) != fmt.Sprint([]outcome{done, unknown, refused}) {
			t.Errorf("key %q: %v, want done, unknown, refused", key, got)
		}
	}
}

// nobody is where no program listens: a port of the system's own.
const nobody = "127.0.0.1:1"

// answerOnce answers the first request of a connection, and dies after it has read the second one.
func answerOnce(listener net.Listener) error {
	wire, err := listener.Accept()
	if err != nil {
		return err
	}
	defer wire.Close()
	in := bufio.NewReader(wire)
	for n := range 2 {
		r, err := http.ReadRequest(in)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return err
		}
		if n == 0 {
			fmt.Fprint(wire, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
		}
	}
	return listener.Close()
}

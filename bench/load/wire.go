package load

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Wire is one kept connection that speaks just enough HTTP/1.1. The library's client would take a third of a core from
// the server beside it.
type Wire struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	answer  []byte
}

// patience is how long an answer may take.
const patience = 3 * time.Minute

// NewWire makes a wire; it connects when it is first used, and again when it was cut.
func NewWire(address string) *Wire { return &Wire{address: address} }

// Close cuts it.
func (w *Wire) Close() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

// Head is what stands before every body: all of a request but the length of its body.
func Head(method, path, key, contentType string) []byte {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n", method, path, key)
	if contentType != "" {
		head += "Content-Type: " + contentType + "\r\n"
	}
	return []byte(head)
}

// Do sends a request and reads its answer, which is good until the next one. An error leaves open what became of it.
func (w *Wire) Do(head, body []byte) (status int, answer []byte, err error) {
	if w.conn == nil {
		if err := w.connect(); err != nil {
			return 0, nil, err
		}
	}
	status, err = w.exchange(head, body)
	if err != nil {
		w.Close()
		return 0, nil, err
	}
	return status, w.answer, nil
}

// NotSent is the error of a request that never left.
type NotSent struct{ error }

func (w *Wire) connect() error {
	conn, err := net.DialTimeout("tcp", w.address, 10*time.Second)
	if err != nil {
		return NotSent{err}
	}
	w.conn = conn
	if w.in == nil {
		w.in = bufio.NewReaderSize(conn, 16<<10)
	}
	w.in.Reset(conn)
	return nil
}

func (w *Wire) exchange(head, body []byte) (status int, err error) {
	w.out = append(w.out[:0], head...)
	if body != nil {
		w.out = append(w.out, "Content-Length: "...)
		w.out = strconv.AppendInt(w.out, int64(len(body)), 10)
		w.out = append(w.out, "\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
	w.out = append(w.out, body...)
	if err := w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, err
	}
	return w.read()
}

// read takes in one answer.
func (w *Wire) read() (status int, err error) {
	first, err := w.line()
	if err != nil {
		return 0, err
	}
	if len(first) < 12 || !bytes.HasPrefix(first, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("the answer begins with %q", first)
	}
	if status, err = strconv.Atoi(string(first[9:12])); err != nil {
		return 0, fmt.Errorf("the answer begins with %q", first)
	}
	length, chunked, closing := 0, false, false
	for {
		header, err := w.line()
		if err != nil {
			return 0, err
		}
		if len(header) == 0 {
			break
		}
		name, value, _ := bytes.Cut(header, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			closing = bytes.EqualFold(value, []byte("close"))
		}
	}
	w.answer = w.answer[:0]
	if chunked {
		err = w.chunks()
	} else {
		err = w.take(length)
	}
	if closing && err == nil {
		w.Close()
	}
	return status, err
}

// line reads to the end of a line, without it.
func (w *Wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// take reads n more bytes of the body.
func (w *Wire) take(n int) error {
	at := len(w.answer)
	w.answer = append(w.answer, make([]byte, n)...)
	_, err := io.ReadFull(w.in, w.answer[at:])
	return err
}

func (w *Wire) chunks() error {
	for {
		size, err := w.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(size), 16, 32)
		if err != nil {
			return fmt.Errorf("a chunk of %q bytes", size)
		}
		if err := w.take(int(n)); err != nil {
			return err
		}
		if _, err := w.line(); err != nil || n == 0 {
			return err
		}
	}
}

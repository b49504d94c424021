package gate

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Download is a file that is written while it is sent.
type Download struct {
	Name  string // as it is to be saved; letters, digits, dots and dashes
	Write func(ctx context.Context, w io.Writer) error
}

// CSV is the media type of tables.
const CSV = "text/csv; charset=utf-8; header=present"

// patience is how long a reader may take over one piece of a download.
const patience = 2 * time.Minute

// Serve sends the file. An error before its first byte is answered by the caller; after that the connection is broken,
// so that nobody takes a part for the whole.
func (d Download) Serve(w http.ResponseWriter, r *http.Request) error {
	out := &sending{w: w, name: d.Name, control: http.NewResponseController(w)}
	defer out.rest()
	err := d.Write(r.Context(), out)
	switch {
	case err == nil && !out.begun:
		out.begin() // an empty file is one too
		return nil
	case err == nil || !out.begun:
		return err
	case r.Context().Err() == nil && !out.gone:
		Fault(r.Context(), err)
	}
	panic(http.ErrAbortHandler)
}

// sending is the body of a download.
type sending struct {
	w       http.ResponseWriter
	name    string
	control *http.ResponseController
	late    *time.Timer
	begun   bool
	gone    bool // whoever asked
}

func (s *sending) begin() {
	s.begun = true
	h := s.w.Header()
	h.Set("Content-Type", CSV)
	h.Set("Content-Disposition", `attachment; filename="`+s.name+`"`)
	h.Set("Cache-Control", "no-store")
	// The server's own limit is for answers, which are short. Here each piece has one.
	_ = s.control.SetWriteDeadline(time.Time{}) // where there is none, none is in the way
	s.late = time.AfterFunc(patience, func() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) })
}

func (s *sending) Write(p []byte) (int, error) {
	if !s.begun {
		s.begin()
	}
	s.late.Reset(patience)
	n, err := s.w.Write(p)
	if err == nil {
		_ = s.control.Flush() // the next Write tells if nobody reads any more
	}
	s.gone = s.gone || err != nil
	return n, err
}

func (s *sending) rest() {
	if s.late != nil {
		s.late.Stop()
	}
}

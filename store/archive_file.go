package store

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"minutebook/billing"
)

// archiveFormat is the version of the files' form. Whoever adds a column to usage_events raises it and says here what the
// older ones lack.
const archiveFormat = 1

// ArchiveFolder is where archived usage events lie: a folder an agency, a compressed file for some calls of a month, one
// line an event between a head and a foot. A file is named by its content and is never changed.
type ArchiveFolder struct {
	Path string // empty: there is none
	// Strike is for tests. It is asked before each step of writing a file; an error fails the step, a panic is the death
	// of the process.
	Strike func(step string) error
}

// ArchiveHead is the first line of a file: whose it is.
type ArchiveHead struct {
	Format   int        `json:"format"`
	Database billing.ID `json:"database"`
	Agency   billing.ID `json:"agency_id"`
	Month    string     `json:"month"`
}

// archiveLine is a line of a file: one of the three.
type archiveLine struct {
	Head  *ArchiveHead   `json:"archive,omitempty"`
	Event *ArchivedEvent `json:"event,omitempty"`
	Foot  *ArchiveSums   `json:"sums,omitempty"`
}

// Write makes the file of some events. When it answers, the file is on the disk for good and was read again: every event
// came out of it as it went in. The file's name, its sum and the like are in what it answers.
func (f ArchiveFolder) Write(database, agency billing.ID, month billing.CalendarMonth, events []ArchivedEvent) (a Archive, err error) {
	if f.Path == "" {
		return a, errNoFolder
	}
	packed, err := pack(ArchiveHead{archiveFormat, database, agency, month.String()}, events)
	if err != nil {
		return a, err
	}
	sum := sha256.Sum256(packed)
	a = Archive{
		Agency: agency, Month: month, File: fmt.Sprintf("%s/%s-%s.ndjson.gz", agency, month, hex.EncodeToString(sum[:8])), SHA256: sum[:], Sums: SumEvents(events),
		FirstID: events[0].ID, LastID: events[0].ID, FirstClient: events[0].Client, LastClient: events[len(events)-1].Client,
	}
	for _, e := range events {
		a.FirstID, a.LastID = min(a.FirstID, e.ID), max(a.LastID, e.ID)
	}
	if err := f.put(a.File, packed); err != nil {
		return a, fmt.Errorf("writing the archive's file %s: %w", f.at(a.File), err)
	}
	if err := f.step("read again"); err != nil {
		return a, err
	}
	again, err := f.Read(a)
	if err == nil && !reflect.DeepEqual(again, events) {
		err = fmt.Errorf("%s does not say what was written into it", f.at(a.File))
	}
	return a, err
}

var errNoFolder = errors.New("no folder of the archive is named: give --archive-dir")

func (f ArchiveFolder) at(file string) string { return filepath.Join(f.Path, filepath.FromSlash(file)) }

func (f ArchiveFolder) step(name string) error {
	if f.Strike == nil {
		return nil
	}
	return f.Strike(name)
}

// pack is the content of a file. The same events make the same file.
func pack(head ArchiveHead, events []ArchivedEvent) ([]byte, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	out := json.NewEncoder(z)
	out.SetEscapeHTML(false)
	if err := out.Encode(archiveLine{Head: &head}); err != nil {
		return nil, err
	}
	for i := range events {
		if err := out.Encode(archiveLine{Event: &events[i]}); err != nil {
			return nil, err
		}
	}
	sums := SumEvents(events)
	if err := out.Encode(archiveLine{Foot: &sums}); err != nil {
		return nil, err
	}
	err := z.Close()
	return packed.Bytes(), err
}

// put writes a file under another name, brings it to the disk and only then gives it its own.
func (f ArchiveFolder) put(file string, content []byte) error {
	path := f.at(file)
	folder := filepath.Dir(path)
	if err := f.step("folder"); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := f.step("create"); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, filepath.Base(path)+".*.draft")
	if err != nil {
		return err
	}
	defer draft.Close()
	if err := f.fill(draft, content); err != nil {
		return err
	}
	if err := f.step("rename"); err != nil {
		return err
	}
	err = os.Rename(draft.Name(), path)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(path) // another program that archives the same was first, and swept our draft
	}
	if err != nil {
		return err
	}
	for _, each := range []string{folder, f.Path, filepath.Dir(f.Path)} { // the folders may be new
		if err := f.step("sync the folder"); err != nil {
			return err
		}
		if err := syncFolder(each); err != nil {
			return err
		}
	}
	return f.sweep(path)
}

// fill writes and syncs a draft. Half of the content is written at a time, so that tests can stop in between.
func (f ArchiveFolder) fill(draft *os.File, content []byte) error {
	for _, half := range [][]byte{content[:len(content)/2], content[len(content)/2:]} {
		if err := f.step("write"); err != nil {
			return err
		}
		if _, err := draft.Write(half); err != nil {
			return err
		}
	}
	if err := f.step("sync"); err != nil {
		return err
	}
	return draft.Sync()
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// sweep removes the drafts of a file that programs left behind which died while they wrote it.
func (f ArchiveFolder) sweep(path string) error {
	drafts, err := filepath.Glob(path + ".*.draft")
	for _, draft := range drafts {
		if gone := os.Remove(draft); !errors.Is(gone, fs.ErrNotExist) { // another program may sweep as well
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Read reads all events of an archive, and fails unless the file is as it was written.
func (f ArchiveFolder) Read(a Archive) (events []ArchivedEvent, err error) {
	r, err := f.Open(a)
	if err != nil {
		return nil, err
	}
	for {
		e, err := r.Next()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, *e)
	}
}

// Open begins to read the file of an archive. It fails unless the file has the sum that the database keeps of it.
func (f ArchiveFolder) Open(a Archive) (*ArchiveReader, error) {
	if f.Path == "" {
		return nil, errNoFolder
	}
	packed, err := os.ReadFile(f.at(a.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the file %s is missing", f.at(a.File))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	if sum := sha256.Sum256(packed); !bytes.Equal(sum[:], a.SHA256) {
		return nil, fmt.Errorf("the file %s was changed: its SHA-256 is %x, not %x", f.at(a.File), sum, a.SHA256)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("reading the archive %s: %w", f.at(a.File), err)
	}
	r := &ArchiveReader{a: a, path: f.at(a.File), lines: json.NewDecoder(z)}
	r.lines.DisallowUnknownFields()
	return r, r.head()
}

// ArchiveReader reads an archive's file, event by event.
type ArchiveReader struct {
	Head  ArchiveHead
	a     Archive
	path  string
	lines *json.Decoder
	sums  ArchiveSums
	ahead *ArchivedEvent // read already, but not yet handed out
	ended bool
}

func (r *ArchiveReader) head() error {
	var line archiveLine
	if err := r.lines.Decode(&line); err != nil {
		return fmt.Errorf("%s does not begin as an archive does: %w", r.path, err)
	}
	if line.Head == nil {
		return fmt.Errorf("%s does not begin as an archive does", r.path)
	}
	r.Head = *line.Head
	if r.Head.Format != archiveFormat || r.Head.Agency != r.a.Agency || r.Head.Month != r.a.Month.String() {
		return fmt.Errorf("%s is of format %d, agency %s and month %s, not of format %d, agency %s and month %s", r.path,
			r.Head.Format, r.Head.Agency, r.Head.Month, archiveFormat, r.a.Agency, r.a.Month)
	}
	return nil
}

// Next is the next event; io.EOF after the last one, if all are there and their sums are those that the file and the
// database tell.
func (r *ArchiveReader) Next() (*ArchivedEvent, error) {
	if e := r.ahead; e != nil {
		r.ahead = nil
		return e, nil
	}
	if r.ended {
		return nil, io.EOF
	}
	var line archiveLine
	switch err := r.lines.Decode(&line); {
	case err != nil:
		return nil, fmt.Errorf("%s breaks off after %d events: %w", r.path, r.sums.Events, err)
	case line.Event != nil:
		r.sums.add(line.Event)
		return line.Event, nil
	case line.Foot == nil || *line.Foot != r.sums || r.sums != r.a.Sums:
		return nil, fmt.Errorf("%s holds %+v, but should hold %+v", r.path, r.sums, r.a.Sums)
	}
	r.ended = true
	return nil, io.EOF
}

// Of reads the events of a client. Clients are asked for in the order of their ids.
func (r *ArchiveReader) Of(client billing.ID) (events []ArchivedEvent, err error) {
	for {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return events, nil
		case err != nil:
			return nil, err
		case e.Client > client:
			r.ahead = e
			return events, nil
		case e.Client == client:
			events = append(events, *e)
		}
	}
}

// Some reads the next events of a list, at most limit, and whether they were the last.
func (r *ArchiveReader) Some(f UsageFilter, limit int) (rows []UsageRow, done bool, err error) {
	for len(rows) < limit {
		e, err := r.Next()
		if err == io.EOF {
			return rows, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		u, err := e.Row()
		if err != nil {
			return nil, false, err
		}
		if f.has(&u) {
			rows = append(rows, u)
		}
	}
	return rows, false, nil
}

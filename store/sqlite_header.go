package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// header is what SQLite notes of the last commit where all processes at a file see it: the head of the index of its log, twice,
// in memory that they share (sqlite.org/walformat.html, section 2.1). Whoever commits, in whatever process, has changed it when
// the commit returns; SQLite itself goes by it to tell whether the pages that it has read still stand. To look there takes
// 0.1 µs, to ask a statement 5 to 7.
//
// It is found as SQLite's own extension for bulk updates finds it (sqlite3rbu.c, sqlite3rbu_step): by mapping it once more, over
// a connection that stays open so that it stays where it is.
type header struct {
	mu     sync.RWMutex
	tls    *libc.TLS
	db     uintptr
	copies *[2]headerWords // nil: it is not open
}

type headerWords [12]uint32

// headerVersion is the one that is known here. Of a header of another nothing is said, and all is read each time.
const headerVersion = 3007000

// open finds the header of a file that has a log, unless it was found before.
func (h *header) open(path string) (err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.copies != nil {
		return nil
	}
	h.tls = libc.NewTLS()
	if err := h.find(path); err != nil {
		h.leave()
		return fmt.Errorf("%s: looking for the head of its log: %w", path, err)
	}
	return nil
}

func (h *header) find(path string) error {
	const room = 16 // for a pointer
	answer := h.tls.Alloc(room)
	defer h.tls.Free(room)
	name, err := libc.CString(path)
	if err != nil {
		return err
	}
	defer libc.Xfree(h.tls, name)
	read, err := libc.CString("SELECT COUNT(*) FROM sqlite_schema") // whoever has read has a log to read from
	if err != nil {
		return err
	}
	defer libc.Xfree(h.tls, read)

	rc := sqlite3.Xsqlite3_open_v2(h.tls, name, answer, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	if h.db = *at[uintptr](answer); rc != sqlite3.SQLITE_OK {
		return sqliteError(rc)
	}
	sqlite3.Xsqlite3_busy_timeout(h.tls, h.db, int32(busyFor.Milliseconds()))
	if rc = sqlite3.Xsqlite3_exec(h.tls, h.db, read, 0, 0, 0); rc != sqlite3.SQLITE_OK {
		return sqliteError(rc)
	}
	if rc = sqlite3.Xsqlite3_file_control(h.tls, h.db, 0, sqlite3.SQLITE_FCNTL_FILE_POINTER, answer); rc != sqlite3.SQLITE_OK {
		return sqliteError(rc)
	}
	file := *at[uintptr](answer)
	methods := at[sqlite3.Tsqlite3_io_methods](at[sqlite3.Tsqlite3_file](file).FpMethods)
	if methods.FiVersion < 2 || methods.FxShmMap == 0 {
		return errors.New("nothing is shared")
	}
	const size, first, asItIs = 32 * 1024, 0, 0
	*at[uintptr](answer) = 0
	if rc = called(methods.FxShmMap)(h.tls, file, first, size, asItIs, answer); rc != sqlite3.SQLITE_OK {
		return sqliteError(rc)
	}
	if h.copies = at[[2]headerWords](*at[uintptr](answer)); h.copies == nil {
		return errors.New("there is no log")
	}
	return nil
}

// at is what lies at an address of SQLite's, in memory that is not Go's.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// called is the function at an address of SQLite's, as SQLite calls it.
func called(address uintptr) func(tls *libc.TLS, file uintptr, region, size, extend int32, answer uintptr) int32 {
	return *(*func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32)(unsafe.Pointer(&address))
}

func sqliteError(rc int32) error { return fmt.Errorf("SQLite answers %d", rc) }

// stamp is the header as it stands: as long as it does, nothing was committed. It is empty while somebody writes it, or where
// nobody knows how to read it.
func (h *header) stamp() string {
	if now, is := h.read(); is {
		return string(now[:])
	}
	return ""
}

// still says whether the header stands as it did.
func (h *header) still(stamp string) bool {
	now, is := h.read()
	return is && string(now[:]) == stamp
}

func (h *header) read() (now [4 * len(headerWords{})]byte, is bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.copies == nil {
		return now, false
	}
	for i := range h.copies[0] { // written last, and so read first
		binary.NativeEndian.PutUint32(now[4*i:], atomic.LoadUint32(&h.copies[0][i]))
	}
	for i := range h.copies[1] {
		if atomic.LoadUint32(&h.copies[1][i]) != binary.NativeEndian.Uint32(now[4*i:]) {
			return now, false
		}
	}
	return now, binary.NativeEndian.Uint32(now[:]) == headerVersion
}

func (h *header) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leave()
}

func (h *header) leave() {
	if h.tls == nil {
		return
	}
	if h.copies = nil; h.db != 0 {
		sqlite3.Xsqlite3_close_v2(h.tls, h.db)
	}
	h.tls.Close()
	h.db, h.tls = 0, nil
}

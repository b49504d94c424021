package app

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"minutebook/billing"
	"minutebook/store"
)

// auditArchives reads every file of an agency's archive: it must be the one that was written, hold what it should, and the
// database must have kept the keys of its events and of no others.
func (a *App) auditArchives(ctx context.Context, agency billing.ID, report *AuditReport) error {
	var archives []store.Archive
	var counts map[string]int64
	err := a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) (err error) {
		if archives, err = store.Archives(ctx, q, agency); err != nil {
			return err
		}
		counts, err = store.CountArchived(ctx, q, agency)
		return err
	})
	if err != nil {
		return err
	}
	differ := func(row, format string, args ...any) {
		report.Differences = append(report.Differences, Difference{agency, 0, row, fmt.Sprintf(format, args...)})
	}
	for _, archive := range archives {
		row := "usage_archives " + archive.Name()
		if n := counts[archive.Name()]; n != archive.Sums.Events {
			differ(row, "%d keys of its events are kept, of %d", n, archive.Sums.Events)
		}
		delete(counts, archive.Name())
		events, err := a.Archive.Read(archive)
		if err != nil {
			differ(row, "%v", err)
			continue
		}
		wrong, err := a.auditKeys(ctx, archive, events)
		if err != nil {
			return err
		}
		if wrong != "" {
			differ(row, "%s", wrong)
		}
	}
	for name, n := range counts {
		differ("usage_archived "+name, "%d keys are kept of an archive that is not there", n)
	}
	return nil
}

// auditKeys compares what the database keeps of each event with its file, and says what is wrong.
func (a *App) auditKeys(ctx context.Context, archive store.Archive, events []store.ArchivedEvent) (wrong string, err error) {
	list := make([]billing.ID, len(events))
	for i, e := range events {
		list[i] = e.ID
	}
	err = a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		kept, err := store.ArchivedKeys(ctx, q, archive.Agency, list)
		if err != nil {
			return err
		}
		byID := map[billing.ID]store.ArchivedKey{}
		for _, k := range kept {
			byID[k.ID] = k
		}
		for _, e := range events {
			if !reflect.DeepEqual(byID[e.ID], e.Key(archive)) {
				wrong = fmt.Sprintf("what is kept of event %d is not what its file says", e.ID)
				break
			}
		}
		if wrong == "" {
			return nil
		}
		now, err := store.Archives(ctx, q, archive.Agency)
		if !slices.ContainsFunc(now, func(other store.Archive) bool { return reflect.DeepEqual(other, archive) }) {
			wrong = "" // it was put back while we read
		}
		return err
	})
	return wrong, err
}

// archiveFiles are an agency's files as they are read for one client after the other.
type archiveFiles struct {
	folder store.ArchiveFolder
	open   map[string]*store.ArchiveReader // by name; nil: it cannot be read
}

// complete adds a client's archived events to its history. It answers the files that hold some and cannot be read.
func (f archiveFiles) complete(ctx context.Context, q store.Q, h *store.History) (missing []store.Archive, err error) {
	agency, client := h.Account.Agency, h.Account.Client
	archives, err := store.ArchivesOf(ctx, q, agency, client)
	if err != nil {
		return nil, err
	}
	for _, archive := range archives {
		events, err := f.of(archive, client)
		if err != nil {
			events = nil
			there, err := store.HasArchived(ctx, q, archive, client)
			if err != nil {
				return nil, err
			}
			if there {
				missing = append(missing, archive)
			}
		}
		if err := h.AddArchived(events); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// of reads the events of a client from a file, which is opened with the first of its clients and left with the last.
func (f archiveFiles) of(archive store.Archive, client billing.ID) (events []store.ArchivedEvent, err error) {
	name := fmt.Sprintf("%s %x", archive.Name(), archive.SHA256)
	r, opened := f.open[name]
	if !opened {
		if r, err = f.folder.Open(archive); err != nil {
			r = nil // its fault was told already
		}
		f.open[name] = r
	}
	if r == nil {
		return nil, fmt.Errorf("the archive %s cannot be read", archive.Name())
	}
	if client >= archive.LastClient {
		defer delete(f.open, name)
	}
	return r.Of(client)
}

package app

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// ArchiveSpec is what is to be archived: usage of periods that ended some calendar months ago, of one agency or of all.
type ArchiveSpec struct {
	OlderThanMonths int
	Agency          billing.ID // 0: all
}

// mostInFile bounds the events of one file, and with it the transaction that takes them out of the database.
const mostInFile = 5000

// ArchiveUsage moves usage events of periods that were closed long ago out of the database into compressed files, a slice
// at a time, and tells of each file. Whatever stops it, an event is in the database or in a file that is on the disk for
// good; run again, it goes on. The sums by day, accounts, periods and requests stay as they are.
func (a *App) ArchiveUsage(ctx context.Context, spec ArchiveSpec, tell func(store.Archive)) error {
	if spec.OlderThanMonths < 1 || spec.OlderThanMonths > 1200 {
		return billing.InvalidField("older_than_months", "must be between 1 and 1200")
	}
	agencies, err := store.AgencyIDs(ctx, a.DB.Q(ctx))
	if err != nil {
		return err
	}
	if spec.Agency != 0 {
		if !slices.Contains(agencies, spec.Agency) {
			return notFound("agency")
		}
		agencies = []billing.ID{spec.Agency}
	}
	var database billing.ID
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
		database, err = store.DatabaseIdentity(ctx, q, a.Mint())
		return err
	})
	for _, agency := range agencies {
		if err == nil {
			err = a.archiveAgency(ctx, archiveRun{database, agency, time.Time{}, tell}, spec.OlderThanMonths)
		}
	}
	return err
}

// archiveRun is one agency on its way into the archive.
type archiveRun struct {
	database billing.ID
	agency   billing.ID
	ended    time.Time // what ended later stays
	tell     func(store.Archive)
}

func (a *App) archiveAgency(ctx context.Context, run archiveRun, months int) error {
	now, err := a.Now(ctx, run.agency)
	if err != nil {
		return err
	}
	run.ended = monthsBefore(now, months)
	all, err := store.ArchiveMonths(ctx, a.DB.Q(ctx), run.agency, billing.DateOf(run.ended).Plus(1)) // wherever on earth the client is
	for _, month := range all {
		if err == nil {
			err = a.archiveMonth(ctx, run, month)
		}
	}
	return err
}

// monthsBefore is the same instant some calendar months earlier, on that month's last day where it has no such day.
func monthsBefore(now time.Time, months int) time.Time {
	now = now.UTC()
	first := time.Date(now.Year(), now.Month()-time.Month(months), 1, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
	return first.AddDate(0, 0, min(now.Day(), first.AddDate(0, 1, -1).Day())-1)
}

func (a *App) archiveMonth(ctx context.Context, run archiveRun, month billing.CalendarMonth) error {
	const tries = 5
	var from billing.ID // clients before it are done
	for try := 1; ; {
		events, err := store.ToArchive(ctx, a.DB.Q(ctx), run.agency, month, run.ended, from, mostInFile)
		if err != nil || len(events) == 0 {
			return err
		}
		archive, err := a.archiveSome(ctx, run, month, events)
		again := errors.Is(err, store.ErrMoved) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrReference)
		switch {
		case err == nil:
			from, try = archive.LastClient, 1
			run.tell(archive)
		case !again || try == tries: // else another program archived or corrected some of them just now
			return err
		default:
			try++
		}
	}
}

// archiveSome brings events into a file, and when that is on the disk, out of the database.
func (a *App) archiveSome(ctx context.Context, run archiveRun, month billing.CalendarMonth, events []store.ArchivedEvent) (store.Archive, error) {
	archive, err := a.Archive.Write(run.database, run.agency, month, events)
	if err != nil {
		return archive, err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
		if archive.Part, err = store.NextPart(ctx, q, run.agency, month); err != nil {
			return err
		}
		archive.ArchivedAt = a.wall()
		if err := store.MoveToArchive(ctx, q, archive, events); err != nil {
			return err
		}
		return a.auditArchive(ctx, q, "usage.archive", archive)
	})
	return archive, err
}

// auditArchive writes who moved which events.
func (a *App) auditArchive(ctx context.Context, q store.Q, command string, archive store.Archive) error {
	what := map[string]any{"month": archive.Month.String(), "file": archive.File, "events": archive.Sums.Events}
	return a.audit(ctx, q, Operator(archive.Agency), a.wall(), command, "usage_archive:"+archive.Name(), 0, "", nil, what)
}

// RestoreUsage puts a month's archived events back into the database as they were, and tells of each file. The files stay
// where they are; they are no longer needed.
func (a *App) RestoreUsage(ctx context.Context, agency billing.ID, month billing.CalendarMonth, tell func(store.Archive)) error {
	all, err := store.Archives(ctx, a.DB.Q(ctx), agency)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(archive store.Archive) bool { return archive.Month != month })
	if len(all) == 0 {
		return billing.Refuse(billing.NotFound, "not_found", "The agency has no archived usage events of "+month.String()+".", "")
	}
	for _, archive := range all {
		events, err := a.Archive.Read(archive)
		if err != nil {
			return err
		}
		err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
			if err := store.TakeFromArchive(ctx, q, archive, events); err != nil {
				return err
			}
			return a.auditArchive(ctx, q, "usage.restore", archive)
		})
		if err != nil {
			return err
		}
		tell(archive)
	}
	return nil
}

// archivedEvent reads an event from its file; ErrMissing if it is not archived.
func (a *App) archivedEvent(ctx context.Context, who Actor, id billing.ID) (store.UsageRow, error) {
	q := a.DB.Q(ctx)
	key, archive, err := store.Archived(ctx, q, who.Agency, id)
	if err != nil {
		return store.UsageRow{}, err
	}
	if hidden(who, key.Client) {
		return store.UsageRow{}, store.ErrMissing
	}
	e, err := a.eventIn(archive, key)
	if err != nil {
		a.Log.ErrorContext(ctx, "an archived usage event cannot be read", "event", id.String(), "error", err)
		return store.UsageRow{}, billing.Refuse(billing.Conflict, "archived", "The usage event is archived, and its file "+archive.File+" cannot be read.",
			"Whoever runs the server has to bring the file back into the archive's folder, and to name that folder with --archive-dir.")
	}
	u, err := e.Row()
	rows := []store.UsageRow{u}
	if err == nil {
		err = store.DressArchived(ctx, q, who.Agency, rows)
	}
	return rows[0], err
}

func (a *App) eventIn(archive store.Archive, key store.ArchivedKey) (*store.ArchivedEvent, error) {
	r, err := a.Archive.Open(archive)
	if err != nil {
		return nil, err
	}
	for {
		e, err := r.Next()
		if err == io.EOF {
			return nil, errors.New(archive.File + " does not hold the event")
		}
		if err != nil || e.ID == key.ID {
			return e, err
		}
	}
}

// exportArchived hands out the archived events of a list, the last month first. It fails when a file cannot be read, or
// when events were moved since the list's other part was begun: a list that ends well is whole.
func (a *App) exportArchived(ctx context.Context, agency billing.ID, f UsageFilter, before []store.Archive, rows func([]store.UsageRow) error) error {
	archives, err := store.Archives(ctx, a.DB.Q(ctx), agency)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(before, archives) {
		return errors.New("usage events were archived while they were exported")
	}
	for _, archive := range slices.Backward(archives) {
		if !f.Touches(archive) {
			continue
		}
		r, err := a.Archive.Open(archive)
		if err != nil {
			return err
		}
		for done := false; !done; {
			var some []store.UsageRow
			if some, done, err = r.Some(f, 500); err == nil {
				err = store.DressArchived(ctx, a.DB.Q(ctx), agency, some)
			}
			if err == nil {
				err = rows(some)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseArchived is the answer to whoever wants to change an archived event.
func refuseArchived(agency billing.ID, u store.UsageRow) error {
	return billing.Refuse(billing.Conflict, "archived", "The usage event is archived and can no longer be changed.",
		"Give minutes back with an adjustment of the wallet or a credit, or have the month put back first: minutebook archive restore --agency "+agency.String()+" --month "+u.Day.Month().String()+".")
}

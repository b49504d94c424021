package main

import (
	"errors"
	"fmt"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

type archiveCommand struct {
	Usage   archiveUsage   `cmd:"" default:"withargs" help:"Move usage events of long closed periods into files."`
	Restore archiveRestore `cmd:"" help:"Put the archived usage events of a month back into the database."`
}

type archiveUsage struct {
	OlderThanMonths int    `required:"" help:"Whole calendar months that must have passed since the period ended, at least 1." placeholder:"N"`
	Agency          string `help:"Id of the one agency whose events are archived (default: all)." placeholder:"ID"`
}

// Run archives; it works beside a running server, and goes on where it was stopped.
func (c archiveUsage) Run(p *process) error {
	var agency billing.ID
	if c.Agency != "" {
		var err error
		if agency, err = billing.ParseID(c.Agency); err != nil {
			return fmt.Errorf("--agency: %w", err)
		}
	}
	return p.withArchive(func(a *app.App) error {
		var files, events int64
		err := a.ArchiveUsage(p.ctx, app.ArchiveSpec{OlderThanMonths: c.OlderThanMonths, Agency: agency}, func(archive store.Archive) {
			files, events = files+1, events+archive.Sums.Events
			fmt.Fprintf(p.out, "agency %s, %s: %d usage events in %s\n", archive.Agency, archive.Month, archive.Sums.Events, archive.File)
		})
		fmt.Fprintf(p.out, "%d usage events archived in %d files below %s\n", events, files, a.Archive.Path)
		return err
	})
}

type archiveRestore struct {
	Agency string `required:"" help:"Id of the agency." placeholder:"ID"`
	Month  string `required:"" help:"The month, such as 2027-01." placeholder:"YYYY-MM"`
}

// Run puts a month back; it works beside a running server.
func (c archiveRestore) Run(p *process) error {
	agency, err := billing.ParseID(c.Agency)
	if err != nil {
		return fmt.Errorf("--agency: %w", err)
	}
	month, err := billing.ParseMonth("--month", c.Month)
	if err != nil {
		return err
	}
	return p.withArchive(func(a *app.App) error {
		return a.RestoreUsage(p.ctx, agency, month, func(archive store.Archive) {
			fmt.Fprintf(p.out, "%d usage events of %s are back in the database; %s is no longer needed\n", archive.Sums.Events, archive.Month, archive.File)
		})
	})
}

// withArchive runs a use case for which somebody has to say where the archive is.
func (p *process) withArchive(use func(a *app.App) error) error {
	if p.archiveDir() == "" {
		return errors.New("--archive-dir: PostgreSQL lies beside no folder; name the one of the archive")
	}
	return p.with(use)
}

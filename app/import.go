package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minutebook/billing"
	"minutebook/store"
)

// MostImported is how many clients may be imported at once.
const MostImported = 2000

// ClientImport is one line of a list of clients: the client, and the name of the plan to assign to it, if any.
type ClientImport struct {
	ClientSpec
	Plan string
}

// ImportedClient is what became of a line: the client, or why not.
type ImportedClient struct {
	Line   int // from 1
	Client billing.ID
	Name   string
	Error  *billing.Error
}

// ImportClients adds many clients in one transaction: all, or none if a line is refused. Without keep nothing is kept
// either way: the answer says what would become of each line.
func (a *App) ImportClients(ctx context.Context, who Actor, list []ClientImport, keep bool) (lines []ImportedClient, err error) {
	if len(list) == 0 || len(list) > MostImported {
		return nil, billing.InvalidField("clients", "must hold between 1 and %d clients", MostImported)
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		lines = nil
		plans, err := store.PlanNames(ctx, q, who.Agency)
		if err != nil {
			return err
		}
		in, refused := importing{App: a, who: who, plans: plans, seen: map[string]int{}}, 0
		for i, one := range list {
			line, err := in.line(ctx, q, i+1, one)
			if err != nil {
				return err
			}
			if line.Error != nil {
				refused++
			}
			lines = append(lines, line)
		}
		switch {
		case refused > 0 && keep:
			e := billing.Refuse(billing.Invalid, "import_refused", fmt.Sprintf("%d of %d lines cannot be imported, so none was.", refused, len(list)), "Correct them and send the whole list again.")
			e.Field = "clients"
			return e
		case !keep:
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return lines, err
}

// importing is what the lines of one list share.
type importing struct {
	*App
	who   Actor
	plans map[string]billing.ID // by name in lower case; 0 where several have it
	seen  map[string]int        // external ids, by the line that had them
}

func (in importing) line(ctx context.Context, q store.Q, number int, one ClientImport) (ImportedClient, error) {
	line := ImportedClient{Line: number, Name: strings.TrimSpace(one.Name)}
	var refused *billing.Error
	err := in.unique(ctx, q, number, one.ExternalID)
	if err == nil {
		line.Client, err = in.add(ctx, one)
	}
	if errors.As(err, &refused) {
		line.Error, line.Client = refused, 0
		return line, nil
	}
	return line, err
}

// unique refuses an external id that is taken. It is asked before the database is: after that has refused a row, some
// databases hear of nothing more in the transaction.
func (in importing) unique(ctx context.Context, q store.Q, number int, externalID string) error {
	externalID = strings.TrimSpace(externalID)
	if externalID == "" {
		return nil
	}
	if line, seen := in.seen[externalID]; seen {
		return billing.InvalidField("external_id", "stands in line %d already", line)
	}
	in.seen[externalID] = number
	switch _, err := store.ClientByExternalID(ctx, q, in.who.Agency, externalID); {
	case err == nil:
		e := billing.Refuse(billing.Conflict, "external_id_taken", "Another client has this external id.", "Use another one, or edit that client.")
		e.Field = "external_id"
		return e
	case !errors.Is(err, store.ErrMissing):
		return err
	}
	return nil
}

func (in importing) add(ctx context.Context, one ClientImport) (billing.ID, error) {
	var plan billing.ID
	if name := strings.ToLower(strings.TrimSpace(one.Plan)); name != "" {
		var known bool
		switch plan, known = in.plans[name]; {
		case !known:
			return 0, billing.InvalidField("plan", "there is no active plan of this name")
		case plan == 0:
			return 0, billing.InvalidField("plan", "several active plans have this name")
		}
	}
	c, err := in.CreateClient(ctx, in.who, one.ClientSpec)
	if err == nil && plan != 0 {
		err = in.AssignPlan(ctx, in.who, c.ID, plan)
	}
	return c.ID, err
}

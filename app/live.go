package app

import (
	"context"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Happening tells that something of a client changed, and what in a fact's name.
type Happening = store.Happening

// Watch follows what is committed in one agency, by whichever process. It belongs to one goroutine.
//
// Ids rise with the time they were made, not with the commit: one that was made earlier may be seen later. So each
// look goes back a little and leaves out what was told before.
type Watch struct {
	app    *App
	agency billing.ID
	newest billing.ID
	told   map[billing.ID]bool
}

const (
	lookBack    = 10 * time.Second // how long a transaction may take and still be told of
	mostAtOnce  = 500              // of each sort a look
	idsASecond  = billing.ID(1000) << (nodeBits + sequenceBits)
	lookBackIDs = billing.ID(lookBack/time.Second) * idsASecond
)

// Watch begins to follow an agency from now on.
func (a *App) Watch(ctx context.Context, agency billing.ID) (*Watch, error) {
	w := &Watch{app: a, agency: agency, newest: a.Mint(), told: map[billing.ID]bool{}}
	_, err := w.Look(ctx) // what happened just before is not news
	return w, err
}

// Look answers what was committed since the last look. Of very much only the first part comes at once; the rest
// comes with the next looks.
func (w *Watch) Look(ctx context.Context) ([]Happening, error) {
	all, err := store.Happenings(ctx, w.app.DB.Q(ctx), w.agency, w.newest-lookBackIDs, mostAtOnce+len(w.told))
	if err != nil {
		return nil, err
	}
	var news []Happening
	for _, h := range all {
		if !w.told[h.ID] {
			news = append(news, h)
			w.told[h.ID] = true
			w.newest = max(w.newest, h.ID)
		}
	}
	for id := range w.told {
		if id <= w.newest-lookBackIDs {
			delete(w.told, id)
		}
	}
	return news, nil
}

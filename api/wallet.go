package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// walletOut is a wallet with a part of its movements, newest first.
type walletOut struct {
	ClientID billing.ID       `json:"client_id"`
	WalletMS int64            `json:"wallet_ms"`
	Wallet   string           `json:"minutes_addon_balance"`
	Data     []walletEntryOut `json:"data"`
	Meta     meta             `json:"meta"`
}

// walletEntryOut is one movement of add-on minutes.
type walletEntryOut struct {
	ID        billing.ID  `json:"id"`
	At        instant     `json:"at"`
	Kind      string      `json:"kind" enum:"PACK,CLAWBACK,CLAWBACK_RETURNED,ADJUSTMENT,USAGE,VOID"`
	DeltaMS   int64       `json:"delta_ms"`
	Minutes   string      `json:"minutes" doc:"The movement, signed"`
	BalanceMS int64       `json:"balance_ms"`
	Balance   string      `json:"balance_minutes" doc:"What the wallet held after it"`
	RequestID *billing.ID `json:"payment_request_id"`
	PackID    *billing.ID `json:"pack_id"`
	EventID   *billing.ID `json:"usage_event_id"`
	Reason    *string     `json:"reason"`
	Actor     string      `json:"actor"`
}

func walletEntry(e app.WalletRow) walletEntryOut {
	return walletEntryOut{
		ID: e.ID, At: instant(e.At), Kind: string(e.Kind), DeltaMS: int64(e.Delta), Minutes: e.Delta.Minutes(), BalanceMS: int64(e.Balance), Balance: e.Balance.Minutes(),
		RequestID: orNull(e.RequestID), PackID: orNull(e.PackID), EventID: orNull(e.UsageEventID), Reason: orNull(e.Reason), Actor: e.Actor,
	}
}

func (s *server) wallet() {
	const tag = "Wallet"
	route(s, http.MethodGet, "/clients/{id}/wallet", words{summary: "Read a wallet and its movements", tag: tag, scope: app.ScopeRead}, s.readWallet)
	route(s, http.MethodPost, "/clients/{id}/wallet/adjust", words{summary: "Move a wallet by hand", tag: tag, scope: app.ScopeWrite}, s.adjustWallet)
}

func (s *server) readWallet(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Paging
},
) (walletOut, error) {
	id, err := in.id()
	if err != nil {
		return walletOut{}, err
	}
	return s.showWallet(ctx, who, id, in.Paging)
}

func (s *server) showWallet(ctx context.Context, who app.Actor, id billing.ID, p Paging) (walletOut, error) {
	c, err := s.app.Client(ctx, who, id)
	if err != nil {
		return walletOut{}, err
	}
	l, err := s.app.WalletEntries(ctx, who, id, p.page())
	entries, err := listed(p, l, err, walletEntry)
	return walletOut{ClientID: id, WalletMS: int64(c.Wallet), Wallet: c.Wallet.Minutes(), Data: entries.Data, Meta: entries.Meta}, err
}

func (s *server) adjustWallet(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		Minutes string `json:"minutes" maxLength:"40" doc:"Signed, up to two decimals" example:"-12.50"`
		Reason  string `json:"reason" minLength:"1" maxLength:"500"`
	}
},
) (walletOut, error) {
	id, err := in.id()
	if err != nil {
		return walletOut{}, err
	}
	delta, err := billing.ParseSignedMinutes("minutes", in.Body.Minutes)
	if err != nil {
		return walletOut{}, err
	}
	if err := s.app.AdjustWallet(ctx, who, id, delta, in.Body.Reason); err != nil {
		return walletOut{}, err
	}
	return s.showWallet(ctx, who, id, Paging{Page: 1, PageSize: 20})
}

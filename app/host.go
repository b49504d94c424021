package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// PortalHost is a host name under which an agency's clients reach the portal, once it is proved.
type PortalHost struct {
	store.PortalHost
	RecordName  string // where in the DNS the proof has to stand
	RecordValue string // what it has to say
	PointsTo    string // where the name itself has to lead
}

const mostPortalHosts = 5

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// PublicHost is the name of the host this server itself is reached by.
func (a *App) PublicHost() string {
	known := a.public.Load()
	if known == nil || known.url != a.PublicURL {
		known = &publicHost{url: a.PublicURL}
		if u, err := url.Parse(a.PublicURL); err == nil {
			known.name = strings.ToLower(u.Hostname())
		}
		a.public.Store(known)
	}
	return known.name
}

// publicHost is the host that a URL names: each request is compared with it.
type publicHost struct{ url, name string }

func (a *App) portalHost(h store.PortalHost) PortalHost {
	return PortalHost{h, "_portal." + h.Host, "portal-check=" + h.Token, a.PublicHost()}
}

// PortalHosts lists the names the agency claims, oldest first.
func (a *App) PortalHosts(ctx context.Context, who Actor) ([]PortalHost, error) {
	claims, err := store.PortalHosts(ctx, a.DB.Q(ctx), who.Agency)
	hosts := make([]PortalHost, len(claims))
	for i, c := range claims {
		hosts[i] = a.portalHost(c)
	}
	return hosts, err
}

// AddPortalHost claims a host name for the agency's portal. It is used when it was proved, see CheckPortalHost.
func (a *App) AddPortalHost(ctx context.Context, who Actor, host string) (PortalHost, error) {
	if err := needs(who, ScopeAdmin); err != nil {
		return PortalHost{}, err
	}
	host = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
	if err := a.checkHost(host); err != nil {
		return PortalHost{}, err
	}
	claim := store.PortalHost{Agency: who.Agency, Host: host, Token: strings.ToLower(rand.Text()), CreatedAt: a.wall()}
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if _, err := store.AgencyByID(ctx, q, who.Agency, a.DB.ForUpdate()); err != nil {
			return err
		}
		claims, err := store.PortalHosts(ctx, q, who.Agency)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(claims, func(c store.PortalHost) bool { return c.Host == host }) {
			return onHost(billing.Refuse(billing.Conflict, "host_claimed", "is there already", "Check it instead."))
		}
		if len(claims) >= mostPortalHosts {
			return onHost(billing.Refuse(billing.Conflict, "too_many_hosts", "is one too many: an agency has at most five", "Remove another first."))
		}
		if err := store.InsertPortalHost(ctx, q, claim); err != nil {
			return err
		}
		return a.audit(ctx, q, who, claim.CreatedAt, "portal_host.add", "host:"+host, 0, "", nil, hostAudit(claim))
	})
	return a.portalHost(claim), err
}

func (a *App) checkHost(host string) error {
	switch {
	case len(host) > 253 || !hostName.MatchString(host) || net.ParseIP(host) != nil:
		return billing.InvalidField("host", "must be a name such as portal.example.com, in letters, digits and hyphens")
	case host == a.PublicHost():
		return billing.InvalidField("host", "is this server's own name")
	}
	return nil
}

// onHost puts a refusal beside the field that names the host.
func onHost(e *billing.Error) error {
	e.Field = "host"
	return e
}

func hostAudit(h store.PortalHost) map[string]any {
	return map[string]any{"host": h.Host, "verified": !h.VerifiedAt.IsZero()}
}

// lookupWithin bounds how long the DNS may take.
const lookupWithin = 5 * time.Second

// CheckPortalHost looks whether the domain's owner has put the proof into the DNS, and opens the portal under that name.
func (a *App) CheckPortalHost(ctx context.Context, who Actor, host string) (PortalHost, error) {
	if err := needs(who, ScopeAdmin); err != nil {
		return PortalHost{}, err
	}
	claim, err := store.PortalHostByName(ctx, a.DB.Q(ctx), who.Agency, host)
	if errors.Is(err, store.ErrMissing) {
		return PortalHost{}, notFound("host name")
	}
	if err != nil {
		return PortalHost{}, err
	}
	h := a.portalHost(claim)
	if err := a.proved(ctx, h); err != nil {
		return h, err
	}
	h.VerifiedAt = a.wall()
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		err := store.VerifyPortalHost(ctx, q, who.Agency, host, h.VerifiedAt)
		if store.Conflicts(err, "portal_hosts", "host") {
			return onHost(billing.Refuse(billing.Conflict, "host_taken", "is the portal of another agency on this server", "Whoever runs this server can help."))
		}
		if err != nil {
			return err
		}
		return a.audit(ctx, q, who, h.VerifiedAt, "portal_host.verify", "host:"+host, 0, "", hostAudit(claim), hostAudit(h.PortalHost))
	})
	return h, err
}

// proved looks for the record; the DNS's answer is never more than that.
func (a *App) proved(ctx context.Context, h PortalHost) error {
	ctx, cancel := context.WithTimeout(ctx, lookupWithin)
	defer cancel()
	if a.LookupTXT == nil {
		return onHost(billing.Refuse(billing.Conflict, "no_dns", "cannot be checked: this server asks no DNS", ""))
	}
	records, err := a.LookupTXT(ctx, h.RecordName)
	if err != nil || len(records) == 0 {
		return onHost(billing.Refuse(billing.Conflict, "no_record", "has no TXT record at "+h.RecordName+" yet", "A new record can take some minutes to be seen everywhere. Check again then."))
	}
	if !slices.ContainsFunc(records, func(r string) bool { return strings.TrimSpace(r) == h.RecordValue }) {
		return onHost(billing.Refuse(billing.Conflict, "wrong_record", "has a TXT record at "+h.RecordName+" that says something else", "It has to say "+h.RecordValue+"."))
	}
	return nil
}

// RemovePortalHost closes the portal under that name, at once.
func (a *App) RemovePortalHost(ctx context.Context, who Actor, host string) error {
	if err := needs(who, ScopeAdmin); err != nil {
		return err
	}
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		claim, err := store.PortalHostByName(ctx, q, who.Agency, host)
		if errors.Is(err, store.ErrMissing) {
			return notFound("host name")
		}
		if err != nil {
			return err
		}
		if err := store.DeletePortalHost(ctx, q, who.Agency, host); err != nil {
			return err
		}
		return a.audit(ctx, q, who, a.wall(), "portal_host.remove", "host:"+host, 0, "", hostAudit(claim), nil)
	})
}

// HostAgency finds the agency whose portal a host name is; none for every other name.
func (a *App) HostAgency(ctx context.Context, host string) (agency billing.ID, found bool, err error) {
	if !hostName.MatchString(host) {
		return 0, false, nil // nobody can have proved it
	}
	agency, err = store.HostAgency(ctx, a.DB.Q(ctx), host)
	if errors.Is(err, store.ErrMissing) {
		return 0, false, nil
	}
	return agency, err == nil, err
}

// portalURL is where the clients of an agency reach their portal: under its own name, if it has one.
func (a *App) portalURL(ctx context.Context, q store.Q, agency billing.ID) (string, error) {
	claims, err := store.PortalHosts(ctx, q, agency)
	if err != nil {
		return "", err
	}
	for _, c := range claims {
		if !c.VerifiedAt.IsZero() {
			scheme, rest, _ := strings.Cut(a.PublicURL, "://")
			_, port, err := net.SplitHostPort(rest)
			if err != nil { // none is given
				return scheme + "://" + c.Host, nil
			}
			return scheme + "://" + net.JoinHostPort(c.Host, port), nil
		}
	}
	return a.PublicURL, nil
}

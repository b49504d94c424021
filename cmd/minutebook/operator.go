package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

type agencyCommand struct {
	Create agencyCreate `cmd:"" help:"Create an agency with its owner and a first API key."`
}

type agencyCreate struct {
	Name          string `required:"" help:"The agency's name."`
	OwnerEmail    string `required:"" help:"E-mail of its owner."`
	OwnerPassword string `help:"Password of the owner (default: one is made and printed)."`
	Timezone      string `default:"UTC" help:"IANA time zone of the agency."`
	Currency      string `default:"USD" help:"Currency of the agency."`
	TestClock     string `help:"Make it a sandbox whose now stands still at this RFC 3339 instant."`
	JSON          bool   `name:"json" help:"Print JSON."`
}

// Run creates the agency; it works beside a running server.
func (c agencyCreate) Run(p *process) error {
	spec := app.AgencySpec{Name: c.Name, OwnerEmail: c.OwnerEmail, OwnerPassword: c.OwnerPassword, Timezone: c.Timezone, Currency: c.Currency}
	if c.TestClock != "" {
		at, err := time.Parse(time.RFC3339, c.TestClock)
		if err != nil {
			return fmt.Errorf("--test-clock: %q is not an RFC 3339 instant such as 2027-01-01T00:00:00Z", c.TestClock)
		}
		spec.TestClock = &at
	}
	return p.with(func(a *app.App) error {
		created, key, err := a.CreateAgency(p.ctx, spec)
		if err != nil {
			return err
		}
		answer := [][2]string{{"agency_id", created.ID.String()}, {"api_key", key}, {"owner_email", created.OwnerEmail}}
		if c.OwnerPassword == "" {
			answer = append(answer, [2]string{"owner_password", created.OwnerPassword})
		}
		return show(p.out, c.JSON, answer)
	})
}

type userCommand struct {
	Add      userAdd      `cmd:"" help:"Add a person to an agency."`
	List     userList     `cmd:"" help:"List the people of an agency."`
	Disable  userDisable  `cmd:"" help:"Disable a person and end all its sessions."`
	Password userPassword `cmd:"" help:"Give a person a new password and end all its sessions."`
}

type userAdd struct {
	Agency   string `required:"" help:"Id of the agency."`
	Email    string `required:"" help:"E-mail of the person."`
	Name     string `help:"Name of the person."`
	Role     string `default:"ADMIN" enum:"OWNER,ADMIN,MEMBER" help:"OWNER, ADMIN or MEMBER."`
	Password string `help:"Password (default: an invitation is printed)."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Run adds the person.
func (c userAdd) Run(p *process) error {
	return p.as(c.Agency, func(a *app.App, who app.Actor) error {
		user, invite, err := a.CreateUser(p.ctx, who, app.UserSpec{Email: c.Email, Name: c.Name, Role: app.Role(c.Role), Password: c.Password})
		if err != nil {
			return err
		}
		answer := [][2]string{{"user_id", user.ID.String()}, {"email", user.Email}, {"role", string(user.Role)}}
		if invite != "" {
			answer = append(answer, [2]string{"invite_url", invite})
		}
		return show(p.out, c.JSON, answer)
	})
}

type userList struct {
	Agency string `required:"" help:"Id of the agency."`
}

// Run lists the people.
func (c userList) Run(p *process) error {
	return p.as(c.Agency, func(a *app.App, who app.Actor) error {
		users, err := a.ListUsers(p.ctx, who, app.Page{Size: 100})
		for _, u := range users.Items {
			state := "active"
			if !u.DisabledAt.IsZero() {
				state = "disabled"
			}
			fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Role, state)
		}
		return err
	})
}

type userDisable struct {
	Agency string `required:"" help:"Id of the agency."`
	ID     string `arg:"" help:"Id of the person."`
}

// Run disables the person.
func (c userDisable) Run(p *process) error {
	return p.on(c.Agency, c.ID, func(a *app.App, who app.Actor, id billing.ID) error { return a.DisableUser(p.ctx, who, id) })
}

type userPassword struct {
	Agency   string `required:"" help:"Id of the agency."`
	ID       string `arg:"" help:"Id of the person."`
	Password string `required:"" help:"The new password."`
}

// Run sets the password.
func (c userPassword) Run(p *process) error {
	return p.on(c.Agency, c.ID, func(a *app.App, who app.Actor, id billing.ID) error { return a.SetPassword(p.ctx, who, id, c.Password) })
}

type keyCommand struct {
	Create  keyCreate  `cmd:"" help:"Create an API key; it is printed once."`
	List    keyList    `cmd:"" help:"List the API keys of an agency."`
	Disable keyDisable `cmd:"" help:"Disable an API key."`
}

type keyCreate struct {
	Agency  string        `required:"" help:"Id of the agency."`
	Name    string        `required:"" help:"Name of the key."`
	Scopes  []string      `default:"admin" help:"Scopes: read, write, usage:write, admin."`
	Expires time.Duration `help:"Life of the key, such as 720h (default: for ever)."`
	JSON    bool          `name:"json" help:"Print JSON."`
}

// Run creates the key.
func (c keyCreate) Run(p *process) error {
	return p.as(c.Agency, func(a *app.App, who app.Actor) error {
		var expires time.Time
		if c.Expires > 0 {
			expires = p.now().Add(c.Expires)
		}
		key, secret, err := a.CreateKey(p.ctx, who, c.Name, c.Scopes, expires)
		if err != nil {
			return err
		}
		return show(p.out, c.JSON, [][2]string{{"key_id", key.ID.String()}, {"api_key", secret}})
	})
}

type keyList struct {
	Agency string `required:"" help:"Id of the agency."`
}

// Run lists the keys.
func (c keyList) Run(p *process) error {
	return p.as(c.Agency, func(a *app.App, who app.Actor) error {
		keys, err := a.ListKeys(p.ctx, who, app.Page{Size: 100})
		for _, k := range keys.Items {
			state := "active"
			if !k.DisabledAt.IsZero() {
				state = "disabled"
			}
			fmt.Fprintf(p.out, "%s\t%s\t%v\t%s\n", k.ID, k.Name, k.Scopes, state)
		}
		return err
	})
}

type keyDisable struct {
	Agency string `required:"" help:"Id of the agency."`
	ID     string `arg:"" help:"Id of the key."`
}

// Run disables the key.
func (c keyDisable) Run(p *process) error {
	return p.on(c.Agency, c.ID, func(a *app.App, who app.Actor, id billing.ID) error { return a.DisableKey(p.ctx, who, id) })
}

type migrateCommand struct{}

// Run brings the schema up to this program.
func (migrateCommand) Run(p *process) error {
	return p.with(func(a *app.App) error {
		status, err := a.DB.MigrationStatus(p.ctx)
		if err == nil {
			fmt.Fprintf(p.out, "the schema is at version %d of %d\n", status.Current, status.Target)
		}
		return err
	})
}

type auditCommand struct{}

// Run recomputes the books and names each row that says otherwise.
func (auditCommand) Run(p *process) error {
	return p.with(func(a *app.App) error {
		report, err := a.Audit(p.ctx)
		if err != nil {
			return err
		}
		for _, d := range report.Differences {
			fmt.Fprintln(p.out, d)
		}
		fmt.Fprintf(p.out, "%d agencies, %d clients, %d facts: %d differences\n", report.Agencies, report.Clients, report.Facts, len(report.Differences))
		if len(report.Differences) > 0 {
			return exitCode(1)
		}
		return nil
	})
}

// with runs a use case on the opened app.
func (p *process) with(use func(a *app.App) error) error {
	a, err := p.open(p.now)
	if err != nil {
		return err
	}
	defer a.DB.Close()
	return use(a)
}

// as runs a use case in an agency, as the operator of this machine.
func (p *process) as(agency string, use func(a *app.App, who app.Actor) error) error {
	id, err := billing.ParseID(agency)
	if err != nil {
		return fmt.Errorf("--agency: %w", err)
	}
	return p.with(func(a *app.App) error { return use(a, app.Operator(id)) })
}

// on is as for a use case about one thing.
func (p *process) on(agency, thing string, use func(a *app.App, who app.Actor, id billing.ID) error) error {
	id, err := billing.ParseID(thing)
	if err != nil {
		return err
	}
	return p.as(agency, func(a *app.App, who app.Actor) error { return use(a, who, id) })
}

// show prints an answer as JSON or as lines.
func show(w io.Writer, asJSON bool, answer [][2]string) error {
	if !asJSON {
		for _, pair := range answer {
			fmt.Fprintf(w, "%-15s %s\n", pair[0], pair[1])
		}
		return nil
	}
	object := map[string]string{}
	for _, pair := range answer {
		object[pair[0]] = pair[1]
	}
	return json.NewEncoder(w).Encode(object)
}

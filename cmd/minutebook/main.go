// Command minutebook is the whole product: the server, its demo, and what an operator does from a shell.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the zones travel with the binary

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// commands is the command line. Every flag has an environment variable of the same name.
type commands struct {
	Config

	Serve   serveCommand   `cmd:"" help:"Serve the API, console, portal and background work."`
	Demo    demoCommand    `cmd:"" help:"Serve a sample agency on a throw-away database, with calls arriving."`
	Agency  agencyCommand  `cmd:"" help:"Create agencies."`
	User    userCommand    `cmd:"" help:"Manage the people of an agency."`
	Key     keyCommand     `cmd:"" help:"Manage the API keys of an agency."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to this program."`
	Audit   auditCommand   `cmd:"" help:"Recompute every balance, request, status and access; exit 1 on any difference."`
	Archive archiveCommand `cmd:"" help:"Move calls of periods that ended long ago into compressed files, or put a month back."`
	Sim     simCommand     `cmd:"" help:"Live random lives on the billing rules, checked after every step; exit 1 on any finding."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// process is what a command runs in.
type process struct {
	ctx    context.Context
	config Config
	out    io.Writer
	errs   io.Writer
	now    func() time.Time
	quiet  slog.Level // the least level that is logged
	dev    bool       // what only those who work on the product want to see is shown
}

// exitCode ends a command with a code of its own, its words already printed.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// run is main without the process around it: it answers the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var c commands
	code := -1
	parser, err := kong.New(&c, kong.Name("minutebook"), kong.Writers(out, errs), kong.Exit(func(n int) { code = n }),
		kong.Description("The external billing server for agencies that resell voice-AI calls."), kong.UsageOnError(),
		kong.DefaultEnvars("MINUTEBOOK"), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the declaration above is wrong, not what was typed
	}
	parsed, err := parser.Parse(args)
	if code >= 0 { // --help was answered
		return code
	}
	if err != nil {
		fmt.Fprintf(errs, "minutebook: %v\n", err)
		return 2
	}
	err = parsed.Run(&process{ctx: ctx, config: c.Config, out: out, errs: errs, now: time.Now})
	var exit exitCode
	switch {
	case errors.As(err, &exit):
		return int(exit)
	case err != nil:
		fmt.Fprintf(errs, "minutebook: %v\n", err)
		return 1
	}
	return 0
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *process) error {
	fmt.Fprintf(p.out, "minutebook %s\n", version)
	return nil
}

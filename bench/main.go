// Command bench measures what docs/performance.md promises: each line of its table on both databases, in turns with a
// yardstick that does the least the database, the disk or the network has to do for the same. It asserts nothing: it
// writes a table, and says beside each figure how busy others kept the machine.
//
// It measures from outside, through app.RecordUsage, app.AdvanceDue, HTTP and the built program.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what the program can be told. Two of its commands are servers: yardsticks run beside the product, in a
// process of their own as it does.
type commands struct {
	Run    runCommand    `cmd:"" default:"withargs" help:"Measure and print the table."`
	Append appendCommand `cmd:"" hidden:"" help:"A server that appends each body to a file and answers after fdatasync."`
	Empty  emptyCommand  `cmd:"" hidden:"" help:"A server that checks the key and answers nothing."`
}

// runCommand are the settings of a run.
type runCommand struct {
	Lines     []string `help:"Lines to measure (default: all): ${lines}." sep:" " placeholder:"NAME"`
	Databases []string `help:"Databases to measure." default:"sqlite,postgres" enum:"sqlite,postgres"`
	Seconds   float64  `help:"Seconds of each measured run." default:"3"`
	Runs      int      `help:"Runs of each line; the table shows median, least and most." default:"3"`
	Batch     int      `help:"Events recorded at once in the process, and rows a transaction of its yardstick." default:"5000"`
	Conns     int      `help:"Connections of posts of 100, and of one hot client." default:"64"`
	Size      int      `help:"Events that are stored before growth and pages are measured." default:"500000"`
	Clients   int      `help:"Clients with a subscription." default:"10000"`
	Zipf      float64  `help:"Exponent above 1 of the clients' shares; 0: all as likely, which is the hardest." default:"1.1"`
	Ordered   bool     `help:"Event ids ordered by time instead of random ones."`
	CallIDs   bool     `name:"call-ids" help:"Calls bear an id beside their event's; else both are the same, as in what providers report."`
	Repeats   float64  `help:"Share of events that are sent again." default:"0.01"`
	NDJSON    bool     `name:"ndjson" help:"Batches as one event a line instead of one JSON object."`
	Publish   string   `help:"Document whose table is replaced by this run's." placeholder:"FILE"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var names []string
	for _, l := range allLines {
		names = append(names, l.name)
	}
	var c commands
	parsed := kong.Parse(&c, kong.Name("bench"), kong.BindTo(ctx, (*context.Context)(nil)), kong.Vars{"lines": strings.Join(names, ", ")})
	if err := parsed.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// Command load measures the built service: `make load` how much it bears, `make growth` what a million users do to it.
//
//	load [-growth] [-time 5s] [-engines sqlite,postgres] [-users 1000,1000000] [-connections 32] -out <folder of the report>
//
// It builds the service, runs it as child processes and asks it over loopback, from the same machine. Beside each
// figure stands that of a bare Gin handler in the same run, for it is only their ratio that says something on another
// machine. PostgreSQL is measured where it answers, in databases of its own, which are dropped at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"latchkey/internal/tools/drive"
)

// bareVariable tells this program to be the server that the service is compared with.
const bareVariable = "LATCHKEY_LOAD_BARE"

func main() {
	if os.Getenv(bareVariable) != "" { // it ends by a signal
		fmt.Fprintln(os.Stderr, drive.ServeBare(context.Background(), os.Stdout))
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	growth  bool
	time    time.Duration // for each figure
	engines []string
	users   []int
	out     string

	connections int
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "latchkey-load-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "latchkey")
	if err := drive.Build(ctx, binary); err != nil {
		return err
	}
	r := &runner{settings: s, folder: folder, binary: binary, progress: out}
	if s.growth {
		return r.growth(ctx)
	}
	return r.load(ctx)
}

func parse(args []string) (settings, error) {
	var s settings
	var engines, users string
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.BoolVar(&s.growth, "growth", false, "compare few users with many, instead of the load on each engine")
	flags.DurationVar(&s.time, "time", 5*time.Second, "time for each figure")
	flags.StringVar(&engines, "engines", "sqlite,postgres", "which `engines` to measure")
	flags.StringVar(&users, "users", "1000,1000000", "how many `users` few and many are")
	flags.IntVar(&s.connections, "connections", 32, "`connections` that send at once, 64 at most")
	flags.StringVar(&s.out, "out", "", "`folder` that the report is written to")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.engines = strings.Split(engines, ",")
	for text := range strings.SplitSeq(users, ",") {
		count, err := strconv.Atoi(text)
		if err != nil || count < 100 {
			return s, fmt.Errorf("%q users: a number, 100 or more", text)
		}
		s.users = append(s.users, count)
	}
	if s.out == "" || len(s.users) != 2 || s.time <= 0 || s.connections < 1 || s.connections > manyUsers {
		return s, errors.New("-out has to be given, -users are two numbers, -time is more than nothing, and -connections are 1 to 64")
	}
	return s, nil
}

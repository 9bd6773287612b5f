package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/service"
)

type serveCommand struct{ config.Serve }

// Run serves until ctx ends or a signal asks to stop; a second signal ends
// the program at once.
func (cmd serveCommand) Run(ctx context.Context, streams Streams) error {
	if err := settingsFault(cmd.Check()); err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode)
	service.Tune()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop)

	log, flush := newLogger(cmd.Serve, streams.Err)
	defer flush()
	s, err := service.Start(ctx, cmd.Serve, log, time.Now)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil { // asked to stop before it had begun
		return nil
	}
	if err != nil {
		return err
	}
	if err := cmd.greet(ctx, streams.Out, s); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Serve(ctx)
}

// greet tells a person where things are.
func (cmd serveCommand) greet(ctx context.Context, w io.Writer, s *service.Service) error {
	database, keys := s.Database(), printable(absolute(cmd.KeyPath()))+", which every instance on this database needs"
	if path, ok := cmd.File(); ok {
		database, keys = absolute(path), printable(absolute(cmd.KeyPath()))
	}
	accounts, err := accounts(ctx, s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Latchkey listens on %s\n\n  Try it    %s/docs\n  Accounts  %s\n  Data      %s\n  Keys      %s\n%s\n",
		s.Addr(), s.URL(), accounts, printable(database), keys, metricsLine(s))
	return err
}

// metricsLine says where the metrics are, if they have an address of their own.
func metricsLine(s *service.Service) string {
	if s.MetricsAddr() == nil {
		return ""
	}
	return fmt.Sprintf("  Metrics   http://%s/metrics\n", s.MetricsAddr())
}

// accounts says which accounts there are.
func accounts(ctx context.Context, s *service.Service) (string, error) {
	demo, err := s.DemoAccounts(ctx)
	if err != nil || len(demo) > 0 {
		return list(demo), err
	}
	some, err := s.HasUsers(ctx)
	if err != nil || some {
		return "latchkey user list", err
	}
	return "none yet: latchkey user add NAME", nil
}

// list names demo accounts with their published passwords.
func list(accounts []auth.DemoAccount) string {
	var names []string
	for _, a := range accounts {
		name := a.Username + " / " + a.Password
		if a.Disabled {
			name += " (disabled)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

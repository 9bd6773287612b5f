package service

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/models"
)

// settleDemo makes the demo accounts where they are due, and reports whether
// the demo is on. Where others can reach the service it refuses to go on with
// an account whose password everybody knows.
func (s *Service) settleDemo(ctx context.Context) (on bool, err error) {
	if !s.settings.Loopback() {
		if err := s.refusePublishedPasswords(ctx); err != nil {
			return false, err
		}
	}
	wanted := s.settings.DemoWanted()
	demo, created, err := s.store.SettleDemo(ctx, wanted, func() ([]models.NewUser, error) {
		return auth.NewDemoUsers(ctx, s.hasher)
	})
	if err != nil || created || !s.settings.DemoForced() {
		return demo && wanted, err
	}
	return true, s.addDemoUsers(ctx)
}

// addDemoUsers makes those demo accounts that are not there.
func (s *Service) addDemoUsers(ctx context.Context) error {
	for _, demo := range auth.DemoAccounts() {
		_, err := s.store.AccountByUsername(ctx, demo.Username)
		if models.KindOf(err) == models.KindNotFound { // else there is no need to hash
			err = s.addDemoUser(ctx, demo)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) addDemoUser(ctx context.Context, demo auth.DemoAccount) error {
	user, err := demo.NewUser(ctx, s.hasher)
	if err != nil {
		return err
	}
	_, err = s.store.CreateUser(ctx, user, models.Trail{})
	if models.KindOf(err) == models.KindConflict { // somebody has the name or the email by now
		return nil
	}
	return err
}

// warnOfPublicDemo says that a proxy shows published passwords to others.
func (s *Service) warnOfPublicDemo(ctx context.Context) error {
	u, err := url.Parse(s.settings.PublicURL)
	if err != nil || u.Host == "" || config.IsLoopback(u.Hostname()) {
		return err
	}
	accounts, err := s.DemoAccounts(ctx)
	if len(accounts) > 0 {
		s.log.WarnContext(ctx, "everybody knows the passwords of the demo accounts: "+
			"delete them, and start with --demo=off, before others reach the public url")
	}
	return err
}

// DemoAccounts are the demo accounts that anybody can log in with: none while
// the demo is off, nor those that were deleted or got another password.
func (s *Service) DemoAccounts(ctx context.Context) ([]auth.DemoAccount, error) {
	if !s.demo {
		return nil, nil
	}
	return auth.UnchangedDemoAccounts(ctx, s.store)
}

func (s *Service) refusePublishedPasswords(ctx context.Context) error {
	open, err := auth.PublishedPasswords(ctx, s.store, s.hasher)
	if err != nil || len(open) == 0 {
		return err
	}
	return fmt.Errorf("refusing to listen on %s: everybody knows the password of the demo account %s; "+
		"change it (latchkey user password NAME), delete the account (latchkey user delete NAME), or listen on a loopback address",
		s.settings.Addr, strings.Join(open, " and that of "))
}

package service

import (
	"context"
	"fmt"
	"strings"

	"latchkey/internal/auth"
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
	users, err := auth.NewDemoUsers(ctx, s.hasher)
	if err != nil {
		return err
	}
	for _, u := range users {
		if _, err := s.store.CreateUser(ctx, u); err != nil && models.KindOf(err) != models.KindConflict {
			return err
		}
	}
	return nil
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

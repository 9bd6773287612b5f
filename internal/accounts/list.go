package accounts

import (
	"context"

	"latchkey/models"
)

// Users is a page of the users, in the order of their names.
func (s *Service) Users(ctx context.Context, q models.UserQuery) (models.UserPage, error) {
	return s.cfg.Store.Users(ctx, q)
}

// User is the user of that name; KindNotFound if there is none.
func (s *Service) User(ctx context.Context, username string) (models.User, error) {
	account, err := s.cfg.Store.AccountByUsername(ctx, username)
	return account.User, err
}

// Events is a page of the audit trail, the newest first.
func (s *Service) Events(ctx context.Context, q models.EventQuery) (models.EventPage, error) {
	return s.cfg.Store.Events(ctx, q)
}

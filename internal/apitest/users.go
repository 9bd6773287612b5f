package apitest

import (
	"context"

	"latchkey/internal/store"
	"latchkey/models"
)

// SetDisabled disables or enables the user of that name, as the command line does.
func SetDisabled(ctx context.Context, s *store.Store, username string, disabled bool) error {
	return change(ctx, s, username, func(u *models.User) { u.Disabled = disabled })
}

// SetScopes says what the user of that name may be granted, as the command
// line does.
func SetScopes(ctx context.Context, s *store.Store, username string, scopes []string) error {
	return change(ctx, s, username, func(u *models.User) { u.Scopes = scopes })
}

func change(ctx context.Context, s *store.Store, username string, f func(*models.User)) error {
	_, err := s.ChangeUser(ctx, username, false, func(u models.User) (models.User, models.Trail, error) {
		f(&u)
		return u, models.Trail{}, nil
	})
	return err
}

// SetPassword changes the hash of the user of that name, as the command line does.
func SetPassword(ctx context.Context, s *store.Store, username, hash string) error {
	account, err := s.AccountByUsername(ctx, username)
	if err != nil {
		return err
	}
	return s.ChangePassword(ctx, account.ID, models.NewPassword{From: account.HashedPassword, To: hash}, models.Trail{})
}

// DeleteUser removes the user of that name, as the command line does.
func DeleteUser(ctx context.Context, s *store.Store, username string) error {
	account, err := s.AccountByUsername(ctx, username)
	if err != nil {
		return err
	}
	return s.DeleteUser(ctx, account.ID, false, models.Trail{})
}

package accounts

import (
	"context"

	"latchkey/internal/limits"
	"latchkey/internal/rules"
	"latchkey/models"
)

// CheckOpen is KindForbidden if people cannot sign up.
func (s *Service) CheckOpen() error {
	if !s.cfg.Open {
		return &models.Error{Kind: models.KindForbidden, Detail: "Registration is closed"}
	}
	return nil
}

// SignUp creates the account of somebody who asks for one. A username or email
// that is taken is KindConflict; KindForbidden says that people cannot sign up.
func (s *Service) SignUp(ctx context.Context, sent models.SignUp, origin models.Origin) (models.User, error) {
	if err := s.CheckOpen(); err != nil {
		return models.User{}, err
	}
	form, faults := signUp(sent)
	if err := faults.err(); err != nil {
		return models.User{}, err
	}
	if _, err := s.cfg.Limiter.Take(ctx, limits.Attempt{Action: limits.SignUp, Address: origin.Address}); err != nil {
		return models.User{}, err
	}
	if err := s.checkFree(ctx, form); err != nil {
		return models.User{}, err
	}
	hash, err := s.cfg.Auth.HashPassword(ctx, form.Password)
	if err != nil {
		return models.User{}, err
	}
	trail := models.Trail{Events: []models.NewEvent{{Kind: models.EventUserRegistered, Origin: origin}}}
	if form.Email != nil {
		trail.Mails = []models.NewMail{{Kind: models.MailVerifyEmail, To: *form.Email, Origin: origin}}
	}
	user, err := s.cfg.Store.CreateUser(ctx, models.NewUser{
		Username: form.Username, Email: form.Email, FullName: form.FullName, HashedPassword: hash,
	}, trail)
	if err != nil {
		return models.User{}, err
	}
	s.cfg.Mailed()
	return user, nil
}

// checkFree saves the hashing for what is taken already. What is taken in the
// meantime the store refuses.
func (s *Service) checkFree(ctx context.Context, form models.SignUp) error {
	_, err := s.cfg.Store.AccountByUsername(ctx, form.Username)
	if err == nil {
		return models.Conflict("The username is taken")
	}
	if models.KindOf(err) != models.KindNotFound || form.Email == nil {
		return ignoreNotFound(err)
	}
	_, err = s.cfg.Store.AccountByEmail(ctx, *form.Email)
	if err == nil {
		return models.Conflict("The email is taken")
	}
	return ignoreNotFound(err)
}

func ignoreNotFound(err error) error {
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	return err
}

// sameEmail reports whether two addresses are the same mailbox's.
func sameEmail(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return rules.FoldEmail(*a) == rules.FoldEmail(*b)
}

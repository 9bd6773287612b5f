package accounts

import (
	"context"

	"latchkey/internal/limits"
	"latchkey/internal/rules"
	"latchkey/models"
)

// ChangePassword changes the caller's password and ends all sessions but the
// caller's own. A wrong current password counts as a refused login does.
func (s *Service) ChangePassword(ctx context.Context, actor models.Actor, form models.PasswordChange) error {
	user := actor.Caller.User
	if faults := PasswordFaults(form.NewPassword, &user); len(faults) > 0 {
		return models.Invalid(faults...)
	}
	account, err := s.confirm(ctx, actor, form.CurrentPassword)
	if err != nil {
		return err
	}
	hash, err := s.cfg.Auth.HashPassword(ctx, form.NewPassword)
	if err != nil {
		return err
	}
	err = s.cfg.Store.ChangePassword(ctx, account.ID, models.NewPassword{
		From: account.HashedPassword, To: hash, KeepSession: actor.Caller.SessionID,
	}, by(actor, models.EventPasswordChanged, user, "", passwordNotice(user)...))
	if models.KindOf(err) == models.KindNotFound { // somebody else has just changed it, or deleted the account
		return wrongPassword()
	}
	if err != nil {
		return err
	}
	s.cfg.Mailed()
	return s.cfg.Auth.CatchUp(ctx)
}

// DeleteAccount deletes the caller's own account. It is KindConflict if nobody
// is left who can administer the others.
func (s *Service) DeleteAccount(ctx context.Context, actor models.Actor, form models.Deletion) error {
	account, err := s.confirm(ctx, actor, form.Password)
	if err != nil {
		return err
	}
	return s.delete(ctx, actor, account.User)
}

// DeleteUser lets an administrator delete a user. It is KindConflict if nobody
// is left who can administer the others.
func (s *Service) DeleteUser(ctx context.Context, actor models.Actor, username string) error {
	account, err := s.cfg.Store.AccountByUsername(ctx, username)
	if err != nil {
		return err
	}
	return s.delete(ctx, actor, account.User)
}

func (s *Service) delete(ctx context.Context, actor models.Actor, user models.User) error {
	if err := s.cfg.Store.DeleteUser(ctx, user.ID, true, by(actor, models.EventUserDeleted, user, "")); err != nil {
		return err
	}
	return s.cfg.Auth.CatchUp(ctx)
}

// confirm has the caller's password checked, as a login would.
func (s *Service) confirm(ctx context.Context, actor models.Actor, password string) (models.Account, error) {
	account, err := s.cfg.Auth.CheckLogin(ctx, actor.Caller.Username, password, actor.Origin, func(account models.Account) models.NewEvent {
		return actor.Did(models.EventPasswordRefused, account.User)
	})
	if err == nil && account.ID != actor.Caller.ID { // deleted, and the name taken by another
		return models.Account{}, goneCaller(models.NotFound("User not found"))
	}
	if models.KindOf(err) == models.KindBadRequest {
		return models.Account{}, wrongPassword()
	}
	return account, err
}

func wrongPassword() error {
	return &models.Error{Kind: models.KindBadRequest, Detail: "Incorrect password"}
}

// passwordNotice tells the user that the password was changed.
func passwordNotice(user models.User) []models.NewMail {
	if user.Email == nil {
		return nil
	}
	return []models.NewMail{{Kind: models.MailPasswordChanged, To: *user.Email}}
}

// RecoverPassword has a mail sent to that address, if it is a user's, with a
// link to choose a new password. Whether it is nobody finds out here: that is
// looked up later, when the mail's turn has come.
func (s *Service) RecoverPassword(ctx context.Context, form models.PasswordRecovery, origin models.Origin) error {
	form, faults := recovery(form)
	if err := faults.err(); err != nil {
		return err
	}
	_, err := s.cfg.Limiter.Take(ctx, limits.Attempt{
		Action: limits.Recovery, Account: rules.FoldEmail(form.Email), Address: origin.Address,
	})
	if err != nil {
		return err
	}
	err = s.cfg.Store.EnqueueMail(ctx, models.NewMail{Kind: models.MailResetPassword, To: form.Email, Origin: origin})
	if err != nil {
		return err
	}
	s.cfg.Mailed()
	return nil
}

// ResetPassword replaces a forgotten password, once for each token, and ends
// all sessions.
func (s *Service) ResetPassword(ctx context.Context, form models.PasswordReset, origin models.Origin) error {
	tokenHash := hashToken(form.Token)
	_, account, err := s.cfg.Store.MailToken(ctx, tokenHash, models.MailResetPassword)
	if err != nil {
		return invalidToken(err)
	}
	if faults := PasswordFaults(form.NewPassword, &account.User); len(faults) > 0 {
		return models.Invalid(faults...)
	}
	hash, err := s.cfg.Auth.HashPassword(ctx, form.NewPassword)
	if err != nil {
		return err
	}
	actor := models.Actor{Origin: origin}
	err = s.cfg.Store.ResetPassword(ctx, tokenHash, hash,
		by(actor, models.EventPasswordReset, account.User, "", passwordNotice(account.User)...))
	if err != nil {
		return invalidToken(err)
	}
	s.cfg.Mailed()
	return s.cfg.Auth.CatchUp(ctx)
}

// VerifyEmail makes an address count as its user's, once for each token. It is
// KindConflict if it has become another user's in the meantime.
func (s *Service) VerifyEmail(ctx context.Context, form models.EmailVerification, origin models.Origin) error {
	err := s.cfg.Store.VerifyEmail(ctx, hashToken(form.Token), models.Trail{
		Events: []models.NewEvent{{Kind: models.EventEmailVerified, Origin: origin}},
	})
	if err != nil {
		return invalidToken(err)
	}
	return s.cfg.Auth.CatchUp(ctx)
}

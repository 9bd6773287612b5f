package accounts

import (
	"context"

	"latchkey/internal/limits"
	"latchkey/internal/rules"
	"latchkey/models"
)

// RecoverPassword has a mail sent to that address, if it is a user's, with a
// link to choose a new password. Whether it is nobody finds out here: that is
// looked up later, when the mail's turn has come.
func (s *Service) RecoverPassword(ctx context.Context, form models.PasswordRecovery, origin models.Origin) error {
	form, faults := recovery(form)
	if err := faults.err(); err != nil {
		return err
	}
	if err := s.limitMails(ctx, form.Email, origin); err != nil {
		return err
	}
	err := s.cfg.Store.EnqueueMail(ctx, models.NewMail{Kind: models.MailResetPassword, To: form.Email, Origin: origin})
	if err != nil {
		return err
	}
	s.cfg.Mailed()
	return nil
}

// limitMails is KindTooManyRequests if too many mails were asked for, to that
// address or from there.
func (s *Service) limitMails(ctx context.Context, email string, origin models.Origin) error {
	_, err := s.cfg.Limiter.Take(ctx, limits.Attempt{
		Action: limits.Mail, Account: rules.FoldEmail(email), Address: origin.Address,
	})
	return err
}

// ResetPassword replaces a forgotten password, once for each token, and ends
// all sessions.
func (s *Service) ResetPassword(ctx context.Context, form models.PasswordReset, origin models.Origin) error {
	tokenHash := hashToken(form.Token)
	account, err := s.cfg.Store.AccountByMailToken(ctx, tokenHash, models.MailResetPassword)
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

package accounts

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/limits"
	"latchkey/internal/mail"
	"latchkey/internal/rules"
	"latchkey/models"
)

// How long the links in mails work.
const (
	resetTTL  = time.Hour
	verifyTTL = 24 * time.Hour
)

// hashToken is how the tokens in mails are kept.
func hashToken(token string) string { return auth.HashToken(token) }

// ComposeMail writes a mail whose turn has come, with a token of its own if it
// has a link. It is KindNotFound if there is nobody any more to send it to.
func (s *Service) ComposeMail(ctx context.Context, m models.Mail) (mail.Message, error) {
	account, err := s.addressee(ctx, m)
	if err != nil {
		return mail.Message{}, err
	}
	if m.Kind == models.MailResetPassword {
		m.To = *account.Email // the address that is known, not the one that was typed
	}
	if err := s.limitMailbox(ctx, m); err != nil {
		return mail.Message{}, err
	}
	data := mail.Data{
		Username: account.Username, FullName: text(account.FullName), NewEmail: newEmail(account.User), Service: s.cfg.Host,
	}
	switch m.Kind {
	case models.MailVerifyEmail:
		data.Link, err = s.link(ctx, m, account.User, "/verify-email", verifyTTL)
		data.ValidFor = verifyTTL
	case models.MailResetPassword:
		data.Link, err = s.link(ctx, m, account.User, "/reset-password", resetTTL)
		data.ValidFor = resetTTL
	case models.MailEmailChange, models.MailPasswordChanged: // say what has happened
	}
	if err != nil {
		return mail.Message{}, err
	}
	subject, text, html, err := s.cfg.Templates.Render(m.Kind, data)
	return mail.Message{ID: m.ID, To: m.To, Subject: subject, Text: text, HTML: html}, err
}

// limitMailbox leaves out what is too much for a mailbox, whose owner may have
// nothing to do with those who ask for it. That a password was changed is always told:
// nobody can cause that by asking.
func (s *Service) limitMailbox(ctx context.Context, m models.Mail) error {
	if m.Kind == models.MailPasswordChanged || m.Attempt > 1 {
		return nil
	}
	_, err := s.cfg.Limiter.Take(ctx, limits.Attempt{
		Action: limits.Mailbox, Account: string(m.Kind) + " " + rules.FoldEmail(m.To),
	})
	if models.KindOf(err) == models.KindTooManyRequests {
		s.cfg.Log.WarnContext(ctx, "a mail was left out: its mailbox has had many of its kind", "kind", m.Kind, "mail", m.ID)
		return models.NotFound("Enough mails of that kind went there")
	}
	return err
}

// newEmail is the address that takes the place of another, or has taken it by
// the time that its mail is sent.
func newEmail(user models.User) string {
	return cmp.Or(text(user.PendingEmail), text(user.Email), "no address at all")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// addressee is whom a mail is for, if it still is for them.
func (s *Service) addressee(ctx context.Context, m models.Mail) (models.Account, error) {
	if m.Kind == models.MailResetPassword {
		return s.cfg.Store.AccountByEmail(ctx, m.To)
	}
	account, err := s.cfg.Store.Account(ctx, m.UserID)
	if err != nil {
		return models.Account{}, err
	}
	switch {
	case m.Kind == models.MailVerifyEmail && !awaited(account.User, m.To):
		return models.Account{}, models.NotFound("The user wants another address by now")
	case m.Kind == models.MailEmailChange && newEmail(account.User) == m.To:
		return models.Account{}, models.NotFound("The change was called off")
	}
	return account, nil
}

// awaited reports whether that address waits to be verified.
func awaited(user models.User, email string) bool {
	return text(user.PendingEmail) == email || text(user.Email) == email && !user.EmailVerified
}

// link makes a token that proves that the mail has arrived, and the link with it.
func (s *Service) link(ctx context.Context, m models.Mail, user models.User, path string, ttl time.Duration) (string, error) {
	token, hash := auth.NewToken()
	var trail models.Trail
	if m.Kind == models.MailResetPassword && m.Attempt == 1 {
		trail = by(models.Actor{Origin: m.Origin}, models.EventRecoveryMailSent, user, "")
	}
	err := s.cfg.Store.CreateMailToken(ctx, models.MailToken{
		Hash: hash, UserID: user.ID, Purpose: m.Kind, Email: m.To,
		ExpiresAt: s.cfg.Now().UTC().Add(ttl).Truncate(time.Microsecond),
	}, trail)
	return s.cfg.AppURL + path + "?token=" + url.QueryEscape(token), err
}

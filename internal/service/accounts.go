package service

import (
	"latchkey/internal/accounts"
	"latchkey/internal/auth"
	"latchkey/internal/limits"
	"latchkey/internal/mail"
)

// newAccounts wires the accounts with the office that sends their mails.
func (s *Service) newAccounts(logins *auth.Service, limiter *limits.Limiter) (*accounts.Service, error) {
	templates, err := mail.LoadTemplates(s.settings.MailTemplates)
	if err != nil {
		return nil, err
	}
	from, host := s.settings.Sender(s.URL())
	sender, err := s.newSender(from)
	if err != nil {
		return nil, err
	}
	people := accounts.New(accounts.Config{
		Store: s.store, Auth: logins, Limiter: limiter, Templates: templates,
		Open: s.settings.Registration == "open", AppURL: s.settings.LinkRoot(s.URL()), Host: host,
		Mailed: func() { s.office.Wake() }, Log: s.log, Now: s.now,
	})
	s.office = mail.NewOffice(mail.Config{
		Queue: s.store, Compose: people.ComposeMail, Sender: sender, Count: s.metrics.Mail, Log: s.log, Now: s.now,
	})
	return people, nil
}

// newSender sends mails by the server of the settings. Without one they go to
// the log, where they can be read by more people than they are for.
func (s *Service) newSender(from string) (mail.Sender, error) {
	if s.settings.SMTPURL != "" {
		return mail.NewSMTP(s.settings.SMTPURL, from)
	}
	if !s.settings.Loopback() {
		s.log.Warn("mails go to the log, with the links in them: set LATCHKEY_SMTP_URL to have them sent")
	}
	return mail.NewLog(s.log), nil
}

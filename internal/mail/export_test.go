package mail

import (
	"crypto/x509"
	"time"
)

// Trust makes an SMTP sender trust these certificates only.
func Trust(s Sender, pool *x509.CertPool) { s.(*smtpSender).tls.RootCAs = pool } //nolint:errcheck // a test's own

// SetTimeout shortens a conversation.
func SetTimeout(s Sender, d time.Duration) {
	sender := s.(*smtpSender) //nolint:errcheck // a test's own
	sender.timeout, sender.accept = d, d
}

// Refusal is an error that is Permanent.
func Refusal(err error) error { return permanentError{err} }

// DialTo makes an SMTP sender find its server at that address.
func DialTo(s Sender, address string) {
	s.(*smtpSender).address = address //nolint:errcheck // a test's own
}

// Address is where an SMTP sender finds its server.
func Address(s Sender) string { return s.(*smtpSender).address } //nolint:errcheck // a test's own

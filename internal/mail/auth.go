package mail

import (
	"slices"

	"github.com/wneessen/go-mail/smtp"
)

// credentials logs in with the best mechanism that the server offers. It
// implements smtp.Auth, for one conversation.
type credentials struct {
	server server
	chosen smtp.Auth
}

// Start implements smtp.Auth.
func (c *credentials) Start(info *smtp.ServerInfo) (mechanism string, first []byte, err error) {
	user, password, host := c.server.user, c.server.password, c.server.host
	// Unencrypted where nothing crosses a network; else go-mail refuses.
	unencrypted := c.server.loopback
	switch {
	case slices.Contains(info.Auth, "SCRAM-SHA-256"):
		c.chosen = smtp.ScramSHA256Auth(user, password)
	case slices.Contains(info.Auth, "PLAIN"):
		c.chosen = smtp.PlainAuth("", user, password, host, unencrypted)
	case slices.Contains(info.Auth, "LOGIN"):
		c.chosen = smtp.LoginAuth(user, password, host, unencrypted)
	default:
		return "", nil, ownError("the server offers neither SCRAM-SHA-256 nor PLAIN nor LOGIN")
	}
	return c.chosen.Start(info)
}

// Next implements smtp.Auth.
func (c *credentials) Next(fromServer []byte, more bool) ([]byte, error) {
	return c.chosen.Next(fromServer, more)
}

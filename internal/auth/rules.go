package auth

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/models"
)

const (
	longestUsername = 64   // characters
	longestEmail    = 254  // bytes, RFC 5321 §4.5.3.1.3 less the angle brackets
	longestPassword = 1024 // bytes
)

// CheckUsername says why a new account cannot have that name.
func CheckUsername(name string) error {
	hidden := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
	if name == "" || utf8.RuneCountInString(name) > longestUsername || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, hidden) {
		return fmt.Errorf("a username has 1 to %d visible characters and no spaces", longestUsername)
	}
	return nil
}

// CheckEmail says why an account cannot have that address; it may have none.
func CheckEmail(email *string) error {
	if email == nil {
		return nil
	}
	address, err := mail.ParseAddress(*email)
	if err != nil || address.Address != *email || len(*email) > longestEmail {
		return errors.New("that is not an email address")
	}
	return nil
}

// CheckPassword says why an account cannot have that password.
func CheckPassword(password string) error {
	if password == "" || len(password) > longestPassword {
		return fmt.Errorf("a password has 1 to %d bytes", longestPassword)
	}
	return nil
}

// CheckScopes says which of the scopes the service does not declare.
func CheckScopes(scopes []string) error {
	for _, s := range scopes {
		if !models.ScopeDeclared(s) {
			return fmt.Errorf("%q is not a scope of this service, which has %s", s, strings.Join(models.ScopeNames(), " "))
		}
	}
	return nil
}

package models

import "time"

// MailKind says what a mail is about.
type MailKind string

// The mails that the service sends.
const (
	MailVerifyEmail     MailKind = "verify_email"     // a link that proves the address
	MailResetPassword   MailKind = "reset_password"   // a link to choose a new password
	MailEmailChange     MailKind = "email_change"     // tells the old address of a new one
	MailPasswordChanged MailKind = "password_changed" // tells that it was
)

// MailKinds are all kinds of mail.
func MailKinds() []MailKind {
	return []MailKind{MailVerifyEmail, MailResetPassword, MailEmailChange, MailPasswordChanged}
}

// NewMail is a mail that is to be sent.
type NewMail struct {
	Kind MailKind
	// To is the address, as it was typed in the case of MailResetPassword.
	To string
	// UserID is empty in the case of MailResetPassword: whether there is a user
	// of that address is looked up when the mail is sent, not when it is asked for.
	UserID string
	Origin Origin // from where it was asked for
}

// Mail is a mail whose turn it is.
type Mail struct {
	ID string // a UUID that stays the same however often it is tried
	NewMail
	// Attempt is 1 at the first try. Only whoever has the last one may go on with it.
	Attempt   int
	CreatedAt time.Time
}

// MailToken is what the token in a mail's link stands for.
type MailToken struct {
	Hash      string
	UserID    string
	Purpose   MailKind // MailVerifyEmail or MailResetPassword
	Email     string   // where the mail went
	ExpiresAt time.Time
}

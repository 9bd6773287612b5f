// Package mail writes the service's mails and sends them: from a queue that
// survives a crash, over SMTP, or to the log where there is no SMTP.
package mail

import (
	"context"
	"errors"
)

// Message is a mail that is ready to be sent.
type Message struct {
	// ID is the queue's. It becomes the Message-ID, so that a mail that is sent
	// twice is known as one.
	ID                      string
	To, Subject, Text, HTML string
}

// Sender sends mails. It is safe for concurrent use.
type Sender interface {
	// Send returns nil once the mail is accepted, whatever happens after that.
	// Permanent tells the errors that trying again does not mend.
	Send(ctx context.Context, m Message) error
}

// permanentError is one that will not get better by trying again.
type permanentError struct{ error }

// Unwrap gives the cause to errors.Is and errors.As.
func (e permanentError) Unwrap() error { return e.error }

// Permanent reports whether a mail that a Sender failed to send with err need
// not be tried again.
func Permanent(err error) bool {
	_, ok := errors.AsType[permanentError](err)
	return ok
}

package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// letter is a message as it goes over the wire.
type letter struct {
	from, to string // as in MAIL and RCPT, in angle brackets
	utf8     bool   // an address needs RFC 6531
	content  []byte
}

func newLetter(m Message, from netmail.Address) (letter, error) {
	to, err := parseTo(m.To)
	if err != nil {
		return letter{}, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&to)
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(m.ID + "@" + domainOf(from.Address))
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: keeps holiday notices from answering
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return letter{}, permanentError{fmt.Errorf("the mail cannot be written: %w", err)}
	}
	return letter{
		from:    (&netmail.Address{Address: from.Address}).String(),
		to:      (&netmail.Address{Address: to.Address}).String(),
		utf8:    !isASCII(from.Address + to.Address),
		content: content.Bytes(),
	}, nil
}

// oneLine keeps a text from adding headers.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }), " ")
}

package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"regexp"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	// conversationTimeout is for a mail's conversation, from the name of the
	// server to the end of the text.
	conversationTimeout = 30 * time.Second
	// acceptanceTimeout is for the server's answer to the text (RFC 5321
	// §4.5.3.2.6). Who gives up sooner may send what was accepted a second time.
	acceptanceTimeout = 10 * time.Minute
)

type smtpSender struct {
	server  server
	address string // of the server
	from    netmail.Address
	name    string // with which to introduce ourselves
	tls     *tls.Config
	timeout time.Duration
	accept  time.Duration // like acceptanceTimeout
}

// NewSMTP makes a Sender that hands mails to the SMTP server of that URL:
//
//   - smtp://user:password@host:587 begins in the clear and is encrypted before
//     anything is said, or ends there. With a loopback host, where nothing
//     crosses a network, it is encrypted if the server can, and the certificate is
//     not checked.
//   - smtps://user:password@host:465 is encrypted from the start.
//   - smtp://host:25?starttls=off is never encrypted, and so without credentials.
//
// The ports are the defaults, user and password may be left out.
func NewSMTP(smtpURL, from string) (Sender, error) {
	server, err := parseServer(smtpURL)
	if err != nil {
		return nil, fmt.Errorf("SMTP URL: %w", err)
	}
	sender, err := parseFrom(from)
	if err != nil {
		return nil, fmt.Errorf("address of the sender: %w", err)
	}
	return &smtpSender{
		server: server, address: server.address(), from: sender, name: ownName(), tls: server.tlsConfig(),
		timeout: conversationTimeout, accept: acceptanceTimeout,
	}, nil
}

// ownName is the name for EHLO (RFC 5321 §4.1.1.1).
func ownName() string {
	name, err := os.Hostname()
	if err != nil || !regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`).MatchString(name) {
		return "localhost"
	}
	return name
}

// Send implements Sender, with a conversation for each mail.
func (s *smtpSender) Send(ctx context.Context, m Message) error {
	l, err := newLetter(m, s.from)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := time.AfterFunc(s.timeout, func() { cancel(context.DeadlineExceeded) })
	defer patience.Stop()
	conn, err := s.dial(ctx)
	if err != nil {
		return describe(ctx, step{name: "connecting to the SMTP server", public: true}, err)
	}
	hangUp := func() { _ = conn.Close() }
	defer hangUp()
	defer context.AfterFunc(ctx, hangUp)()
	return s.converse(ctx, conn, l, func() { patience.Reset(s.accept) })
}

func (s *smtpSender) dial(ctx context.Context) (net.Conn, error) {
	if s.server.encryption == immediate {
		return (&tls.Dialer{Config: s.tls}).DialContext(ctx, "tcp", s.address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

// converse hands the letter over. When it fails, the caller closes the
// connection without another word: QUIT would end, and so hand over, a text of
// which only a part was written.
func (s *smtpSender) converse(ctx context.Context, conn net.Conn, l letter, patience func()) error {
	var client *smtp.Client
	for _, step := range []step{
		{name: "greeting", public: true, do: func() (err error) {
			client, err = smtp.NewClient(conn, s.server.host)
			return err
		}},
		{name: "EHLO", public: true, do: func() error { return client.Hello(s.name) }},
		{name: "STARTTLS", public: true, do: func() error { return s.startTLS(client) }},
		{name: "AUTH", do: func() error { return s.authenticate(client) }},
		{name: "MAIL", public: true, do: func() error { return mailFrom(client, l) }},
		{name: "RCPT", public: true, aboutMail: true, do: func() error { return client.Rcpt(l.to) }},
		{name: "DATA", aboutMail: true, do: func() error { return data(client, l, patience) }},
	} {
		if err := step.do(); err != nil {
			return describe(ctx, step, err)
		}
	}
	// The mail is theirs now: nothing that goes wrong here counts. Nor is the
	// goodbye waited for, as a crash before the caller knows sends the mail twice.
	_ = client.Text.PrintfLine("QUIT")
	return nil
}

func (s *smtpSender) startTLS(client *smtp.Client) error {
	if s.server.encryption != required && s.server.encryption != ifOffered {
		return nil
	}
	offered, _ := client.Extension("STARTTLS")
	switch {
	case offered:
		return client.StartTLS(s.tls)
	case s.server.encryption == required:
		return ownError("the server does not offer it; smtps:// is encrypted from the start, ?starttls=off does without")
	}
	return nil
}

func (s *smtpSender) authenticate(client *smtp.Client) error {
	if s.server.user == "" {
		return nil
	}
	return client.Auth(&credentials{server: s.server})
}

func mailFrom(client *smtp.Client, l letter) error {
	if offered, _ := client.Extension("SMTPUTF8"); l.utf8 && !offered {
		return permanentError{ownError("the server takes no addresses with letters beyond ASCII")}
	}
	client.SkipSMTPUTF8(!l.utf8) // servers further on may not know it
	return client.Mail(l.from)
}

func data(client *smtp.Client, l letter, patience func()) error {
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(l.content); err != nil {
		return err
	}
	patience()
	return w.Close()
}

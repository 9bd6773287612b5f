package apitest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Mailbox is a real SMTP server on loopback that keeps what it gets.
type Mailbox struct {
	t    testing.TB
	addr string

	mu      sync.Mutex
	mails   []Mail
	taken   map[int]bool // those of mails that Wait has returned
	refuse  int
	refused int
}

// Mail is a mail that arrived.
type Mail struct {
	To, From   string // as SMTP had them
	Subject    string
	Text, HTML string
	Link       string // the one in Text, if there is one
	Token      string // of the link
	MessageID  string
}

// NewMailbox opens a mailbox for all addresses until the test's end.
func NewMailbox(tb testing.TB) *Mailbox {
	tb.Helper()
	b := &Mailbox{t: tb, taken: map[int]bool{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &delivery{box: b}, nil
	}))
	server.Domain = "mailbox.example"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	b.addr = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	tb.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return b
}

// URL is for --smtp-url.
func (b *Mailbox) URL() string { return "smtp://" + b.addr }

// Refuse refuses the next n mails for now; all of them if n is negative.
func (b *Mailbox) Refuse(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = n
}

// Refused is how many mails were refused.
func (b *Mailbox) Refused() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused
}

// Count is how many mails to that address have arrived.
func (b *Mailbox) Count(to string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, m := range b.mails {
		if m.To == to {
			n++
		}
	}
	return n
}

// Wait is the next mail to that address: of those that it has not returned
// before the first to arrive.
func (b *Mailbox) Wait(to string) Mail {
	b.t.Helper()
	return b.wait(to, "")
}

// WaitFor is as Wait, among the mails with that in the subject.
func (b *Mailbox) WaitFor(to, subject string) Mail {
	b.t.Helper()
	return b.wait(to, subject)
}

func (b *Mailbox) wait(to, subject string) Mail {
	b.t.Helper()
	var found Mail
	Eventually(b.t, fmt.Sprintf("a mail %q to %s", subject, to), func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		for i, m := range b.mails {
			if m.To == to && strings.Contains(m.Subject, subject) && !b.taken[i] {
				b.taken[i], found = true, m
				return true
			}
		}
		return false
	})
	return found
}

// Eventually waits for something to become true, and ends the test if it does
// not for ten seconds.
func Eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(10 * time.Second); !is(); <-ticker.C {
		if time.Now().After(deadline) {
			tb.Fatalf("in ten seconds there was not: %s", what)
		}
	}
}

// delivery is a conversation with a mailbox.
type delivery struct {
	box      *Mailbox
	from, to string
}

// Mail implements smtp.Session.
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	if d.box.refuse != 0 {
		d.box.refuse--
		d.box.refused++
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "come back later"}
	}
	d.to = to
	return nil
}

// Data implements smtp.Session.
func (d *delivery) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(content)
	if err != nil {
		d.box.t.Errorf("a mail that nobody can read: %v\n%s", err, content)
		return err
	}
	m.To, m.From = d.to, d.from
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.mails = append(d.box.mails, m)
	return nil
}

// Reset implements smtp.Session.
func (d *delivery) Reset() {}

// Logout implements smtp.Session.
func (d *delivery) Logout() error { return nil }

var aLink = regexp.MustCompile(`https?://\S+`)

func parse(content []byte) (Mail, error) {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return Mail{}, err
	}
	m := Mail{MessageID: message.Header.Get("Message-ID")}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return Mail{}, err
	}
	mediaType, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return Mail{}, err
	}
	if mediaType != "multipart/alternative" {
		return Mail{}, fmt.Errorf("it is %s", mediaType)
	}
	if err := m.readParts(multipart.NewReader(message.Body, params["boundary"])); err != nil {
		return Mail{}, err
	}
	if m.Link = aLink.FindString(m.Text); m.Link != "" {
		link, err := url.Parse(m.Link)
		if err != nil {
			return Mail{}, err
		}
		m.Token = link.Query().Get("token")
	}
	return m, nil
}

func (m *Mail) readParts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // as package multipart returns it
			return nil
		}
		if err != nil {
			return err
		}
		text, err := decoded(part)
		if err != nil {
			return err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = text
		} else {
			m.Text = text
		}
	}
}

func decoded(part *multipart.Part) (string, error) {
	var content io.Reader = part
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		content = quotedprintable.NewReader(part)
	case "base64":
		content = base64.NewDecoder(base64.StdEncoding, part)
	}
	text, err := io.ReadAll(content)
	return string(text), err
}

package mail_test

import (
	"crypto/tls"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
)

const from = `Latchkey Ünit <no-reply@example.com>`

// message has what is hard on the way: letters beyond ASCII, dots at the start
// of lines, long lines, and a link with what quoted-printable escapes.
var message = mail.Message{
	ID: "0198c0de-0000-7000-8000-000000000001", To: "ada@example.org", Subject: "Grüße, please confirm ✓",
	Text: "Hello Ada,\n\n.\n..dots\nhttps://id.example.com/verify?token=" + strings.Repeat("aB3=", 40) + "&x=1\n\nGrüße\n",
	HTML: "<p>Hello <b>Ädä</b></p>\n<a href=\"https://id.example.com/verify?token=a=b\">" + strings.Repeat("long ", 60) + "</a>\n",
}

func sender(t *testing.T, smtpURL string) mail.Sender {
	t.Helper()
	s, err := mail.NewSMTP(smtpURL, from)
	if err != nil {
		t.Fatal(err)
	}
	mail.SetTimeout(s, 20*time.Second)
	return s
}

func credentials(user, password string) string {
	return url.UserPassword(user, password).String() + "@"
}

func TestSendAsItIs(t *testing.T) {
	office := open(t, nil)
	if err := sender(t, "smtp://"+office.addr).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	mails := office.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	if got.from != "no-reply@example.com" || got.to != message.To || got.hello == "" || got.utf8 || got.encrypted {
		t.Errorf("conversation: %+v", got)
	}
	checkMessage(t, got.content, message)
}

// checkMessage reads a mail with the standard library and holds it against what was to be sent.
func checkMessage(t *testing.T, content string, want mail.Message) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	decode := func(name string) string {
		t.Helper()
		text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, value := range map[string]string{
		"Subject": want.Subject, "Message-ID": "<" + want.ID + "@example.com>", "Auto-Submitted": "auto-generated",
		"From": `"Latchkey Ünit" <no-reply@example.com>`, "MIME-Version": "1.0", "To": "<" + want.To + ">",
	} {
		if got := decode(name); strings.ReplaceAll(got, `"`, "") != strings.ReplaceAll(value, `"`, "") {
			t.Errorf("%s: %q, not %q", name, got, value)
		}
	}
	if sent, err := m.Header.Date(); err != nil || time.Since(sent) > time.Minute {
		t.Errorf("date: %v, %v", sent, err)
	}
	for name := range m.Header {
		known := []string{"Subject", "Message-Id", "Auto-Submitted", "From", "Mime-Version", "To", "Date", "Content-Type"}
		if !slices.Contains(known, name) {
			t.Errorf("unexpected header %s: %s", name, m.Header.Get(name))
		}
	}
	mediaType, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/alternative" {
		t.Fatalf("%s, %v", mediaType, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	checkPart(t, parts, "text/plain", want.Text)
	checkPart(t, parts, "text/html", want.HTML)
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after the last part: %v", err)
	}
}

func checkPart(t *testing.T, parts *multipart.Reader, wantType, want string) {
	t.Helper()
	part, err := parts.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	mediaType, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || mediaType != wantType || !strings.EqualFold(params["charset"], "utf-8") {
		t.Errorf("part %s %v, %v", mediaType, params, err)
	}
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
		t.Errorf("encoding %s", encoding)
	}
	got, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(string(got), "\r\n", "\n"); strings.TrimRight(text, "\n") != strings.TrimRight(want, "\n") {
		t.Errorf("%s:\n%q\nnot\n%q", wantType, text, want)
	}
}

func TestEncryptAndLogIn(t *testing.T) {
	cert, pool := certificate(t)
	for _, mechanisms := range [][]string{
		{"PLAIN"}, {"LOGIN"}, {"LOGIN", "PLAIN"}, {"CRAM-MD5", "PLAIN", "LOGIN", "SCRAM-SHA-256"},
	} {
		t.Run(strings.Join(mechanisms, " "), func(t *testing.T) {
			office := open(t, func(p *postOffice) {
				p.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
				p.logins = mechanisms
			})
			s := sender(t, "smtp://"+credentials(goodUser, goodPassword)+office.addr)
			mail.Trust(s, pool)
			if err := s.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			mails := office.mails()
			if len(mails) != 1 || !mails[0].encrypted {
				t.Fatalf("mails: %+v", mails)
			}
			used := office.mechanisms()
			best := map[bool]string{true: "PLAIN", false: "LOGIN"}[slices.Contains(mechanisms, "PLAIN")]
			if slices.Contains(mechanisms, "SCRAM-SHA-256") {
				best = "SCRAM-SHA-256"
			}
			if !slices.Equal(used, []string{best}) {
				t.Errorf("logged in with %v", used)
			}
			checkMessage(t, mails[0].content, message)
		})
	}
}

func TestLoopbackNeedsNoEncryptionForCredentials(t *testing.T) {
	for _, query := range []string{"", "?starttls=off"} {
		office := open(t, func(p *postOffice) {
			p.AllowInsecureAuth = true
			p.logins = []string{"PLAIN"}
		})
		if err := sender(t, "smtp://"+credentials(goodUser, goodPassword)+office.addr+query).Send(t.Context(), message); err != nil {
			t.Error(err)
		}
		if mails := office.mails(); len(mails) != 1 || mails[0].encrypted {
			t.Errorf("mails: %+v", mails)
		}
	}
}

func TestOffMeansNoEncryption(t *testing.T) {
	cert, _ := certificate(t)
	office := open(t, func(p *postOffice) { p.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} })
	if err := sender(t, "smtp://"+office.addr+"?starttls=off").Send(t.Context(), message); err != nil {
		t.Error(err)
	}
	if mails := office.mails(); len(mails) != 1 || mails[0].encrypted {
		t.Errorf("mails: %+v", mails)
	}
}

func TestEncryptFromTheStart(t *testing.T) {
	cert, pool := certificate(t)
	office := open(t, func(p *postOffice) { p.logins = []string{"PLAIN"} })
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	office.serve(t, listener)
	s := sender(t, "smtps://"+credentials(goodUser, goodPassword)+listener.Addr().String())
	if err := s.Send(t.Context(), message); err == nil || !strings.Contains(err.Error(), "certificate") || mail.Permanent(err) {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
	mail.Trust(s, pool)
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if mails := office.mails(); len(mails) != 1 || !mails[0].encrypted {
		t.Errorf("mails: %+v", mails)
	}
}

// A host that is not loopback: the server must encrypt, with a certificate that
// is good for it.
func TestInsistOnEncryption(t *testing.T) {
	cert, _ := certificate(t)
	plain := open(t, func(p *postOffice) { p.logins, p.AllowInsecureAuth = []string{"PLAIN"}, true })
	encrypted := open(t, func(p *postOffice) {
		p.logins = []string{"PLAIN"}
		p.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	})
	for office, want := range map[*postOffice]string{plain: "STARTTLS", encrypted: "certificate"} {
		_, port, err := net.SplitHostPort(office.addr)
		if err != nil {
			t.Fatal(err)
		}
		s := sender(t, "smtp://"+credentials(goodUser, goodPassword)+"mail.example.com:"+port)
		mail.DialTo(s, office.addr)
		err = s.Send(t.Context(), message)
		if err == nil || !strings.Contains(err.Error(), want) || mail.Permanent(err) {
			t.Errorf("%v, not about %s", err, want)
		}
		if used := office.mechanisms(); len(used) != 0 {
			t.Errorf("logged in nevertheless, with %v", used)
		}
	}
}

func TestAddressesBeyondASCII(t *testing.T) {
	old := open(t, nil)
	m := message
	m.To = "ada@bücher.example"
	if err := sender(t, "smtp://"+old.addr).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := old.mails()[0]; got.to != "ada@xn--bcher-kva.example" || got.utf8 {
		t.Errorf("%+v", got)
	}
	m.To = "ädä@example.com"
	if err := sender(t, "smtp://"+old.addr).Send(t.Context(), m); !mail.Permanent(err) {
		t.Errorf("a server that cannot: %v", err)
	}
	current := open(t, func(p *postOffice) { p.EnableSMTPUTF8 = true })
	if err := sender(t, "smtp://"+current.addr).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := sender(t, "smtp://"+current.addr).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got := current.mails(); got[0].to != m.To || !got[0].utf8 || got[1].utf8 {
		t.Errorf("%+v", got)
	}
}

func TestNoInjection(t *testing.T) {
	office := open(t, nil)
	s := sender(t, "smtp://"+office.addr)
	for _, to := range []string{
		"", "ada", "ada@example.org\r\nBcc: eve@example.org", "ada@example.org, eve@example.org", "Ada <ada@example.org>",
		"<ada@example.org>", "ada@example.org (Ada)", "ada@example.org>\r\nRCPT TO:<eve@example.org", " ada@example.org",
	} {
		m := message
		m.To = to
		if err := s.Send(t.Context(), m); !mail.Permanent(err) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if n := office.conversations(); n != 0 {
		t.Errorf("%d conversations", n)
	}
	m := message
	m.Subject = "Hello\r\nBcc: eve@example.org\n\nText"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Subject = "Hello Bcc: eve@example.org Text"
	checkMessage(t, office.mails()[0].content, m)
}

package mail_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"latchkey/internal/mail"
)

func refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 7, 1}, Message: text}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		office    func(*postOffice)
		permanent bool
		want      string
	}{
		"MAIL 5xx": {func(p *postOffice) {
			p.onMail = func(*smtp.Conn) error { return refuse(550, "go away") }
		}, false, `MAIL: the server answered 550 "5.7.1 go away"`},
		"MAIL 4xx": {func(p *postOffice) {
			p.onMail = func(*smtp.Conn) error { return refuse(451, "later") }
		}, false, `MAIL: the server answered 451 "4.7.1 later"`},
		"login missing": {func(p *postOffice) {
			p.onMail = func(*smtp.Conn) error { return refuse(530, "log in") }
		}, false, `MAIL: the server answered 530 "5.7.1 log in"`},
		"RCPT 5xx": {func(p *postOffice) {
			p.onRcpt = func(*smtp.Conn) error { return refuse(550, "<ada@example.org>: no such user") }
		}, true, `RCPT: the server answered 550 "5.7.1 <…>: no such user"`},
		"RCPT 4xx": {func(p *postOffice) {
			p.onRcpt = func(*smtp.Conn) error { return refuse(450, "greylisted") }
		}, false, `RCPT: the server answered 450 "4.7.1 greylisted"`},
		"DATA 5xx": {func(p *postOffice) {
			p.onData = func(_ *smtp.Conn, r io.Reader) error { return quoteBack(r, 554) }
		}, true, "DATA: the server answered 554 5.7.1"},
		"DATA 4xx": {func(p *postOffice) {
			p.onData = func(_ *smtp.Conn, r io.Reader) error { return quoteBack(r, 452) }
		}, false, "DATA: the server answered 452 4.7.1"},
	} {
		t.Run(name, func(t *testing.T) {
			office := open(t, c.office)
			err := sender(t, "smtp://"+office.addr).Send(t.Context(), message)
			if err == nil || err.Error() != c.want || mail.Permanent(err) != c.permanent {
				t.Errorf("%v (permanent: %v)", err, mail.Permanent(err))
			}
			if mails := office.mails(); len(mails) != 0 {
				t.Errorf("%d mails", len(mails))
			}
		})
	}
}

// quoteBack refuses a mail as spam filters do, with what is in it.
func quoteBack(r io.Reader, code int) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return refuse(code, strings.Join(strings.Fields(string(content[:min(len(content), 1500)])), " "))
}

func TestRefusedAndThenAccepted(t *testing.T) {
	var tries atomic.Int32
	office := open(t, func(p *postOffice) {
		p.onRcpt = func(*smtp.Conn) error {
			if tries.Add(1) == 1 {
				return refuse(451, "later")
			}
			return nil
		}
	})
	s := sender(t, "smtp://"+office.addr)
	if err := s.Send(t.Context(), message); err == nil || mail.Permanent(err) {
		t.Errorf("at first: %v", err)
	}
	if err := s.Send(t.Context(), message); err != nil {
		t.Errorf("then: %v", err)
	}
	if mails := office.mails(); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
}

func TestWrongPassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "XOAUTH2"} {
		office := open(t, func(p *postOffice) {
			p.AllowInsecureAuth = true
			p.logins = []string{mechanism}
		})
		const wrong = "wr0ng-s3cret"
		err := sender(t, "smtp://"+credentials(goodUser, wrong)+office.addr).Send(t.Context(), message)
		if err == nil || mail.Permanent(err) || !strings.HasPrefix(err.Error(), "AUTH: ") {
			t.Errorf("%s: %v (permanent: %v)", mechanism, err, mail.Permanent(err))
			continue
		}
		t.Log(err)
		for _, secret := range []string{wrong, base64.StdEncoding.EncodeToString([]byte(wrong)), goodUser} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v shows %s", mechanism, err, secret)
			}
		}
	}
}

// script is a server that sends these lines, each after one from the client,
// and then says nothing more.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				r := bufio.NewReader(conn)
				for i, line := range lines {
					if i > 0 {
						if _, err := r.ReadString('\n'); err != nil {
							return
						}
					}
					if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
						return
					}
				}
				_, _ = io.Copy(io.Discard, r) // until the client goes
			})
		}
	})
	return listener.Addr().String()
}

// A server that echoes what it does not understand: the password, say.
func TestEchoesAreNotLogged(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte("\x00user\x00s3cret"))
	for _, echo := range []string{"535 " + encoded, "334 " + encoded, encoded, "500 s3cret", "334 s3cret"} {
		address := script(t, "220 hello", "250-hello\r\n250 AUTH PLAIN", echo, "221 bye", "221 bye")
		err := sender(t, "smtp://user:s3cret@"+address).Send(t.Context(), message)
		if err == nil || mail.Permanent(err) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), encoded) {
			t.Errorf("%v", err)
		}
	}
}

func TestServersThatHang(t *testing.T) {
	for name, lines := range map[string][]string{
		"at once":    nil,
		"after EHLO": {"220 hello"},
		"at STARTTLS": {
			"220 hello", "250-hello\r\n250 STARTTLS", "220 go on",
		},
		"after DATA": {"220 hello", "250 hello", "250 from", "250 to", "354 go on"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sender(t, "smtp://"+script(t, lines...))
			mail.SetTimeout(s, 50*time.Millisecond)
			err := s.Send(t.Context(), message)
			if !errors.Is(err, context.DeadlineExceeded) || mail.Permanent(err) {
				t.Errorf("timeout: %v", err)
			}
			mail.SetTimeout(s, time.Minute)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := s.Send(ctx, message); !errors.Is(err, context.DeadlineExceeded) || mail.Permanent(err) {
				t.Errorf("context: %v", err)
			}
		})
	}
}

// A mail is sent once it is accepted: who hangs up or hangs after that changes nothing.
func TestSilenceAfterAcceptanceIsNoError(t *testing.T) {
	address := script(t, "220 hello", "250 hello", "250 from", "250 to", "354 go on", "250 accepted")
	start := time.Now()
	if err := sender(t, "smtp://"+address).Send(t.Context(), message); err != nil {
		t.Error(err)
	}
	if waited := time.Since(start); waited > 10*time.Second {
		t.Errorf("waited %s for the goodbye", waited)
	}
}

func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	err = sender(t, "smtp://user:s3cret@"+listener.Addr().String()).Send(t.Context(), message)
	if err == nil || mail.Permanent(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
}

func TestConnectionsThatBreak(t *testing.T) {
	hangUp := func(c *smtp.Conn) { _ = c.Conn().Close() }
	for name, breakOff := range map[string]func(*postOffice, func() bool){
		"before DATA": func(p *postOffice, first func() bool) {
			p.onRcpt = func(c *smtp.Conn) error {
				if first() {
					hangUp(c)
				}
				return nil
			}
		},
		"in DATA": func(p *postOffice, first func() bool) {
			p.onData = func(c *smtp.Conn, _ io.Reader) error {
				if first() {
					hangUp(c)
				}
				return nil
			}
		},
		"after DATA": func(p *postOffice, first func() bool) {
			p.onData = func(c *smtp.Conn, r io.Reader) error {
				_, err := io.Copy(io.Discard, r)
				if first() {
					hangUp(c)
				}
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int32
			office := open(t, func(p *postOffice) { breakOff(p, func() bool { return tries.Add(1) == 1 }) })
			s := sender(t, "smtp://"+office.addr)
			if err := s.Send(t.Context(), message); err == nil || mail.Permanent(err) {
				t.Errorf("at first: %v", err)
			}
			if err := s.Send(t.Context(), message); err != nil {
				t.Errorf("then: %v", err)
			}
			want := map[bool]int{true: 2, false: 1}[name == "after DATA"]
			// The server may still be keeping what it did not get to acknowledge.
			for end := time.Now().Add(10 * time.Second); len(office.mails()) < want && time.Now().Before(end); {
				runtime.Gosched()
			}
			mails := office.mails()
			for _, m := range mails { // after DATA there are two, which are known as one
				checkMessage(t, m.content, message)
			}
			if len(mails) != want {
				t.Errorf("%d mails", len(mails))
			}
		})
	}
}

// A mail that is cut off in the middle must not arrive as half a mail.
func TestNoHalfMails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read := make(chan error, 1)
	office := open(t, func(p *postOffice) {
		p.onData = func(_ *smtp.Conn, r io.Reader) error {
			if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
				return err
			}
			cancel()
			_, err := io.Copy(io.Discard, r)
			read <- err
			return err
		}
	})
	m := message
	m.Text = strings.Repeat("many words\n", 1<<20)
	if err := sender(t, "smtp://"+office.addr).Send(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := <-read; err == nil {
		t.Error("the server read it to the end")
	}
	if mails := office.mails(); len(mails) != 0 {
		t.Errorf("%d mails", len(mails))
	}
}

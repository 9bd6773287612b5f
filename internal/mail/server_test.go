package mail_test

import (
	"strings"
	"testing"

	"latchkey/internal/mail"
)

func TestCheckSMTPURL(t *testing.T) {
	for _, good := range []string{
		"smtp://mail.example.com", "smtp://mail.example.com:25", "smtp://user:pass@mail.example.com:587",
		"SMTPS://user:p%40ss@mail.example.com", "smtps://[2001:db8::1]:465", "smtp://mailpit:1025?starttls=off",
		"smtp://user:pass@localhost:1025?starttls=off", "smtp://user:pass@127.0.0.1", "smtp://user:pass@[::1]:25",
	} {
		if err := mail.CheckSMTPURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "s3cret", "s3cret:587", "smtp:s3cret", "smtp://", "smtp://:587", "http://s3cret", "://s3cret", " smtp://s3cret",
		"smtp://s3cret/", "smtp://s3cret/path", "smtp://s3cret#x", "smtp://s3cret?", "smtp://s3cret?starttls=on",
		"smtp://s3cret?starttls=off&x=1", "smtp://s3cret?tls=off", "smtps://s3cret?starttls=off",
		"smtp://s3cret:0", "smtp://s3cret:65536", "smtp://s3cret:smtp", "smtp://user:s3cret@", "smtp://s3cret@mail.example.com",
		"smtp://s3cret:@mail.example.com", "smtp://:s3cret@mail.example.com", "smtp://user:s3cret@mailpit:1025?starttls=off",
		"smtp://user:s3cret%00@mail.example.com", "smtp://user:s3cret%0a@mail.example.com", "smtp://user:s3cret%zz@mail.example.com",
		"smtp://user:s3cret/pass@mail.example.com", "smtp://user:s3cret#pass@mail.example.com", "smtp://user:s3c ret@mail.example.com",
		"smtp://user:s3cret?pass@mail.example.com",
	} {
		err := mail.CheckSMTPURL(bad)
		if err == nil || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := mail.NewSMTP(bad, "a@example.com"); err == nil || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCheckFrom(t *testing.T) {
	for _, good := range []string{
		"no-reply@example.com", "Example <no-reply@example.com>", `"Ex, ample" <a@example.com>`, "Grüße <a@bücher.example>",
	} {
		if err := mail.CheckFrom(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "s3cret", "s3cret@", "@s3cret", "a@s3cret, b@example.com", "s3cret <a@example.com", "a@s3cret\r\nBcc: b@example.com"} {
		if err := mail.CheckFrom(bad); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := mail.NewSMTP("smtp://localhost", bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestDefaultPorts(t *testing.T) {
	for url, want := range map[string]string{
		"smtp://mail.example.com": "mail.example.com:587", "smtps://mail.example.com": "mail.example.com:465",
		"smtp://mailpit?starttls=off": "mailpit:587", "smtps://[::1]:25": "[::1]:25",
	} {
		if got := mail.Address(sender(t, url)); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}

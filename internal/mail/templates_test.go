package mail_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/models"
)

var data = mail.Data{
	Username: "ada", FullName: "Ada O'Hara & Söhne", Link: "https://id.example.com/verify?token=a-_b&x=1",
	ValidFor: time.Hour, NewEmail: "new@example.org", Service: "id.example.com",
}

func load(t *testing.T, dir string) *mail.Templates {
	t.Helper()
	templates, err := mail.LoadTemplates(dir)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func render(t *testing.T, templates *mail.Templates, kind models.MailKind, d mail.Data) (subject, text, html string) {
	t.Helper()
	subject, text, html, err := templates.Render(kind, d)
	if err != nil {
		t.Fatal(err)
	}
	return subject, text, html
}

func TestAllKindsRender(t *testing.T) {
	templates := load(t, "")
	for _, kind := range models.MailKinds() {
		subject, text, html := render(t, templates, kind, data)
		if !strings.Contains(subject, "id.example.com") || strings.HasPrefix(text, "Subject") {
			t.Errorf("%s: subject %q, text %q", kind, subject, text)
		}
		if !strings.Contains(text, "Hello Ada O'Hara & Söhne,") || !strings.Contains(html, "Hello Ada O&#39;Hara &amp; Söhne,") {
			t.Errorf("%s: name:\n%s\n%s", kind, text, html)
		}
		var want, wantHTML string
		switch kind {
		case models.MailVerifyEmail, models.MailResetPassword:
			want, wantHTML = "\n"+data.Link+"\n", `href="`+strings.ReplaceAll(data.Link, "&", "&amp;")+`"`
			if !strings.Contains(text, "for 1 hour.") || !strings.Contains(html, "for 1 hour.") {
				t.Errorf("%s does not say for how long", kind)
			}
		case models.MailEmailChange:
			want, wantHTML = data.NewEmail, data.NewEmail
		case models.MailPasswordChanged:
			want, wantHTML = "password of your account ada at", "<b>ada</b>"
		}
		if !strings.Contains(text, want) || !strings.Contains(html, wantHTML) {
			t.Errorf("%s: no %s in\n%s\n%s", kind, want, text, html)
		}
		for _, loaded := range []string{"src=", "<img", "<script", "<link", "url(", "@import"} {
			if strings.Contains(html, loaded) {
				t.Errorf("%s: %s", kind, loaded)
			}
		}
	}
	if _, _, _, err := templates.Render("birthday", data); err == nil {
		t.Error("a kind that is none was rendered")
	}
}

func TestHostileNames(t *testing.T) {
	templates := load(t, "")
	for name, greeting := range map[string]string{
		"":                                 "Hello ada,",
		"Dr. J.R.R. Tolkien":               "Hello Dr. J.R.R. Tolkien,",
		"<script>alert(1)</script>":        "Hello ada,",
		"<b>Ada":                           "Hello <b>Ada,",
		"Ada\r\nBcc: eve@example.org\r\n":  "Hello ada,",
		"Ada\n\nLove\u2028lace":            "Hello Ada Love lace,",
		"Win at evil.com":                  "Hello ada,",
		"https://evil.example":             "Hello ada,",
		"Ada \u202egnirts":                 "Hello Ada gnirts,",
		"{{.Link}}":                        "Hello {{.Link}},",
		strings.Repeat("buy now ", 20):     "Hello ada,",
		"Ada\x00\x1b[31m":                  "Hello Ada [31m,",
		"O\"Brien' onmouseover='alert(1)'": "Hello O\"Brien' onmouseover='alert(1)',",
	} {
		d := data
		d.FullName = name
		_, text, html := render(t, templates, models.MailVerifyEmail, d)
		if first, _, _ := strings.Cut(text, "\n"); name != "{{.Link}}" && first != greeting {
			t.Errorf("%q: %q", name, first)
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "<b>Ada") || strings.Contains(html, "evil") {
			t.Errorf("%q:\n%s", name, html)
		}
	}
}

func TestFolderReplacesSome(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "reset_password.txt", "Subject: {{.FullName}}: Passwort\n\nHallo {{.Name}} ({{.Username}}),\n{{.Link}} gilt {{.ValidFor}}.\n")
	write(t, dir, "README.md", "What is not named like a template is let be.")
	templates := load(t, dir)
	d := data
	d.FullName = "Ada\r\nBcc: eve"
	subject, text, html := render(t, templates, models.MailResetPassword, d)
	if subject != "Ada Bcc: eve: Passwort" || text != "Hallo ada (ada),\n"+data.Link+" gilt 1 hour.\n" {
		t.Errorf("%q\n%s", subject, text)
	}
	if !strings.Contains(html, "Choose a new password") {
		t.Errorf("the HTML is not the embedded one:\n%s", html)
	}
	if subject, _, _ := render(t, templates, models.MailVerifyEmail, d); !strings.Contains(subject, "confirm") {
		t.Errorf("the other mail is not the embedded one: %s", subject)
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMistakesShowAtLoad(t *testing.T) {
	for name, content := range map[string]string{
		"verify_email.txt":      "Subject: x\n\n{{.Link}",
		"verify_email.html":     "{{.Token}} {{.Link}}",
		"reset_password.txt":    "Hello\n\n{{.Link}}",
		"reset_password.html":   "<p>Hello</p>",
		"email_change.txt":      "Subject: x\n\n \n",
		"email_change.html":     `<a href="{{if .Link}}'{{else}}"{{end}}>`,
		"password_changed.txt":  "Subject: \n\ntext",
		"password_changed.html": "{{if not .FullName}}{{index .Name 1000}}{{end}}",
		"password-changed.html": "<p>Hello</p>",
	} {
		dir := t.TempDir()
		write(t, dir, name, content)
		if _, err := mail.LoadTemplates(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := mail.LoadTemplates(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestValidForInWords(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "reset_password.txt", "Subject: {{.ValidFor}}\n\n{{.Link}}")
	templates := load(t, dir)
	for d, want := range map[time.Duration]string{
		time.Hour: "1 hour", 24 * time.Hour: "1 day", 30 * time.Minute: "30 minutes", 90 * time.Minute: "1 hour and 30 minutes",
		2*time.Second + 3*time.Millisecond: "2 seconds", 49*time.Hour + time.Minute: "2 days and 1 hour",
	} {
		data := data
		data.ValidFor = d
		if subject, _, _ := render(t, templates, models.MailResetPassword, data); subject != want {
			t.Errorf("%s: %q", d, subject)
		}
	}
}

func TestLogSender(t *testing.T) {
	var out bytes.Buffer
	if err := mail.NewLog(slog.New(slog.NewJSONHandler(&out, nil))).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{message.To, message.Subject, "https://id.example.com/verify?token=", `"level":"INFO"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, &out)
		}
	}
}

package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"latchkey/models"
)

//go:embed templates
var embedded embed.FS

// Templates are the texts of the mails. They are safe for concurrent use.
type Templates struct {
	text map[models.MailKind]*texttemplate.Template
	html map[models.MailKind]*htmltemplate.Template
}

// Data is what a mail tells.
type Data struct {
	Username string
	FullName string        // empty if unknown
	Link     string        // empty in notices
	ValidFor time.Duration // of the link
	NewEmail string        // in the notice of a new address
	Service  string        // the host of the public URL
}

// LoadTemplates reads the templates in a folder, and the embedded ones in place
// of those that it does not have; all of them if dir is empty. Each is tried
// with sample data: the error names the file that does not work, or that is no
// mail's.
func LoadTemplates(dir string) (*Templates, error) {
	files, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, err
	}
	folder := files
	if dir != "" {
		if err := checkNames(dir); err != nil {
			return nil, err
		}
		folder = os.DirFS(dir)
	}
	t := &Templates{
		text: map[models.MailKind]*texttemplate.Template{}, html: map[models.MailKind]*htmltemplate.Template{},
	}
	for _, kind := range models.MailKinds() {
		if err := t.load(kind, folder, files); err != nil {
			return nil, err
		}
		if err := t.try(kind); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// checkNames finds templates whose names are misspelt: they would be without effect.
func checkNames(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name, isText := strings.CutSuffix(entry.Name(), ".txt")
		name, isHTML := strings.CutSuffix(name, ".html")
		if (isText || isHTML) && !slices.Contains(models.MailKinds(), models.MailKind(name)) {
			return fmt.Errorf("%s is not the template of a mail: these are %s, each with .txt or .html",
				entry.Name(), joined(models.MailKinds()))
		}
	}
	return nil
}

func joined(kinds []models.MailKind) string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

func (t *Templates) load(kind models.MailKind, folders ...fs.FS) error {
	text, err := readFirst(textFile(kind), folders)
	if err != nil {
		return err
	}
	if t.text[kind], err = texttemplate.New(textFile(kind)).Parse(text); err != nil {
		return err // names the file
	}
	html, err := readFirst(htmlFile(kind), folders)
	if err != nil {
		return err
	}
	t.html[kind], err = htmltemplate.New(htmlFile(kind)).Parse(html)
	return err
}

func textFile(kind models.MailKind) string { return string(kind) + ".txt" }
func htmlFile(kind models.MailKind) string { return string(kind) + ".html" }

func readFirst(name string, folders []fs.FS) (string, error) {
	for _, folder := range folders {
		content, err := fs.ReadFile(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return string(content), err
	}
	return "", fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

// try renders a mail with all that there can be, and with the least.
func (t *Templates) try(kind models.MailKind) error {
	least := Data{Username: "ada", Service: "id.example.com"}
	switch kind {
	case models.MailVerifyEmail, models.MailResetPassword:
		least.Link, least.ValidFor = "https://id.example.com/sample-link", time.Hour
	case models.MailEmailChange:
		least.NewEmail = "ada@example.com"
	}
	all := least
	all.FullName = "Ada Lovelace"
	for _, d := range []Data{all, least} {
		_, text, html, err := t.Render(kind, d)
		switch {
		case err != nil:
			return err
		case !strings.Contains(text, d.Link):
			return fmt.Errorf("%s does not show {{.Link}}", textFile(kind))
		case !strings.Contains(html, d.Link):
			return fmt.Errorf("%s does not show {{.Link}}", htmlFile(kind))
		}
	}
	return nil
}

// Render writes a mail. The error names the file that it is about.
func (t *Templates) Render(kind models.MailKind, d Data) (subject, text, html string, err error) {
	if t.text[kind] == nil {
		return "", "", "", fmt.Errorf("there is no mail of the kind %q", kind)
	}
	v := newView(d)
	text, err = execute(t.text[kind], v)
	if err != nil {
		return "", "", "", err // names the file
	}
	subject, text, err = cutSubject(text)
	if err != nil {
		return "", "", "", fmt.Errorf("%s: %w", textFile(kind), err)
	}
	html, err = execute(t.html[kind], v)
	return subject, text, html, err
}

// executor is a text or an HTML template.
type executor interface {
	Execute(w io.Writer, data any) error
}

func execute(t executor, v view) (string, error) {
	var out bytes.Buffer
	err := t.Execute(&out, v)
	return out.String(), err
}

// cutSubject takes the subject off, which is the first line, and what is blank
// around the rest.
func cutSubject(text string) (subject, rest string, err error) {
	line, rest, _ := strings.Cut(text, "\n")
	subject, ok := strings.CutPrefix(line, "Subject:")
	subject = strings.TrimSpace(subject)
	rest = strings.TrimSpace(rest)
	switch {
	case !ok || subject == "":
		return "", "", errors.New(`the first line must be of the form "Subject: …"`)
	case rest == "":
		return "", "", errors.New("there must be a text after the subject")
	}
	return subject, rest + "\n", nil
}

package handlers

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"text/template"

	"github.com/gin-gonic/gin"
)

var (
	//go:embed pages_layout.html
	pagesLayout string
	//go:embed pages_verify.html
	pagesVerify string
	//go:embed pages_reset.html
	pagesReset string
	//go:embed pages.css
	pagesCSS string
	//go:embed pages.js
	pagesJS string

	linkToVerify = newLinkPage(pagesVerify)
	linkToReset  = newLinkPage(pagesReset)
)

// linkPage is what a link in a mail leads to where there is no front end: one
// document with all that it needs, so that no other request, and no other
// host's, can get to know the token in its address.
type linkPage struct {
	html   []byte
	policy string
}

// newLinkPage puts the texts of a page into the layout that all of them share.
// Only that very style and script get to work.
func newLinkPage(texts string) linkPage {
	// All parts are our own files, and nothing of a request gets in: hence no
	// html/template, which would change the script that the policy names.
	page := template.Must(template.New("layout").Parse(pagesLayout))
	template.Must(page.Parse(texts))
	var out bytes.Buffer
	err := page.Execute(&out, map[string]string{
		"Style": pagesCSS, "Script": pagesJS, "Icon": base64.StdEncoding.EncodeToString(docsSVG),
	})
	if err != nil {
		panic(err) //nolint:forbidigo // the template is embedded, so a test meets this first
	}
	return linkPage{out.Bytes(), "default-src 'none'; script-src " + sourceHash(pagesJS) + "; style-src " + sourceHash(pagesCSS) +
		"; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

// sourceHash is how a Content-Security-Policy names an inline part (CSP3 §2.3.1).
func sourceHash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// send answers with the page, which no cache keeps beside the token in its
// address. That no Referer tells the address is middleware.SecureHeaders' work;
// it is said here again because this page depends on it.
func (p linkPage) send(c *gin.Context) error {
	c.Header("Content-Security-Policy", p.policy)
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", p.html)
	return nil
}

// verifyEmailPage asks for a click, so that a mail scanner which opens the
// link does not use it up.
func (a *api) verifyEmailPage(c *gin.Context) error { return linkToVerify.send(c) }

func (a *api) resetPasswordPage(c *gin.Context) error { return linkToReset.send(c) }

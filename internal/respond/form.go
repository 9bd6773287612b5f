package respond

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"

	"latchkey/models"
)

// maxFormMemory is more than the body limit of the OAuth endpoints, so that
// no part of a form is ever written to the disk.
const maxFormMemory = 1 << 20

// oauthParams are the parameters that belong in a body (RFC 6749 §2.3.1).
var oauthParams = []string{
	"grant_type", "username", "password", "scope", "client_id", "client_secret",
	"refresh_token", "token", "token_type_hint",
}

// OAuthForm reads the body of a request to an OAuth endpoint into a T by its
// form tags (RFC 6749 §3.2 and Appendix B). The error is a models.Error with
// code invalid_request.
func OAuthForm[T any](c *gin.Context) (T, error) {
	var into T
	if name := paramInQuery(c.Request.URL.RawQuery); name != "" {
		return into, invalidRequest("The parameter " + name + " belongs in the body, not in the URL")
	}
	if err := parseForm(c.Request); err != nil {
		return into, err
	}
	if err := checkRepeated(c.Request.PostForm); err != nil {
		return into, err
	}
	if err := c.ShouldBindWith(&into, binding.FormPost); err != nil {
		return into, formError(err)
	}
	return into, nil
}

// parseForm fills r.PostForm, from the body alone.
func parseForm(r *http.Request) error {
	r.URL.RawQuery = "" // a query that cannot be parsed says nothing about the body
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != binding.MIMEPOSTForm && mediaType != binding.MIMEMultipartPOSTForm {
		return invalidRequest("The body must be " + binding.MIMEPOSTForm + " or " + binding.MIMEMultipartPOSTForm)
	}
	// Read first, parse then: of a body that ends early within the header of a
	// part, or is over the limit there, the parser says that it is malformed.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return formError(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if mediaType == binding.MIMEMultipartPOSTForm {
		return parseMultipart(r)
	}
	return formError(r.ParseForm())
}

func parseMultipart(r *http.Request) error {
	if err := r.ParseMultipartForm(maxFormMemory); err != nil {
		return formError(err)
	}
	if len(r.MultipartForm.File) > 0 {
		return invalidRequest("The form must not contain files")
	}
	return nil
}

// formError says why a form could not be parsed.
func formError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return models.TooLarge()
	}
	// The parser's text quotes the form, so it is not kept as the cause.
	return invalidRequest("The form cannot be read")
}

// checkRepeated refuses a parameter that is given twice (RFC 6749 §3.2). The
// answer names it only if it is one of OAuth's.
func checkRepeated(form url.Values) error {
	for _, name := range oauthParams {
		if len(form[name]) > 1 {
			return invalidRequest("The parameter " + name + " is given more than once")
		}
	}
	for _, values := range form {
		if len(values) > 1 {
			return invalidRequest("A parameter is given more than once")
		}
	}
	return nil
}

// paramInQuery is the first parameter of an OAuth request in a URL's query.
func paramInQuery(query string) string {
	separator := func(r rune) bool { return r == '&' || r == ';' }
	for pair := range strings.FieldsFuncSeq(query, separator) {
		key, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err == nil && slices.Contains(oauthParams, name) {
			return name
		}
	}
	return ""
}

func invalidRequest(detail string) error {
	return models.BadRequest(models.OAuthInvalidRequest, detail)
}

package handlers

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/docs"
	"latchkey/models"
)

// docsPolicy lets the page at /docs load its own files and call the service,
// and nothing else. Swagger UI styles elements by themselves, hence the inline
// styles, and has its icons in data URLs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var (
	//go:embed docs_page.html
	docsHTML string
	//go:embed docs_page.css
	docsCSS []byte
	//go:embed docs_page.js
	docsJS []byte
	//go:embed docs_session.js
	docsSessionJS []byte
	//go:embed docs_page.svg
	docsSVG []byte

	// The page's links are relative, so that it works behind a proxy that
	// strips a prefix. They depend on the slash at the end of its own address.
	docsAtSlash   = newFile("text/html; charset=utf-8", docsHTMLWith("", "../"))
	docsAtNoSlash = newFile("text/html; charset=utf-8", docsHTMLWith("docs/", ""))

	openapiAsJSON = newFile("application/json", docs.JSON)
	openapiAsYAML = newFile("application/yaml", docs.YAML)

	// docsOwnFiles are those of the page that are not Swagger UI's.
	docsOwnFiles = map[string]file{
		"latchkey.css":        newFile("text/css; charset=utf-8", docsCSS),
		"latchkey.js":         newFile("text/javascript; charset=utf-8", docsJS),
		"latchkey-session.js": newFile("text/javascript; charset=utf-8", docsSessionJS),
		"latchkey.svg":        newFile("image/svg+xml", docsSVG),
	}
)

// docsPage shows Swagger UI.
func (a *api) docsPage(c *gin.Context) error {
	c.Header("Content-Security-Policy", docsPolicy)
	if strings.HasSuffix(c.Request.URL.Path, "/") {
		return docsAtSlash.send(c)
	}
	return docsAtNoSlash.send(c)
}

// docsAsset sends one of the files that the page is made of.
func (a *api) docsAsset(c *gin.Context) error {
	name := c.Param("asset")
	if own, ok := docsOwnFiles[name]; ok {
		return own.send(c)
	}
	if swaggerUIHas(name) {
		sendSwaggerUI(c, name)
		return nil
	}
	return models.NotFound("Not Found")
}

func (a *api) openapiJSON(c *gin.Context) error { return openapiAsJSON.send(c) }
func (a *api) openapiYAML(c *gin.Context) error { return openapiAsYAML.send(c) }

// docsHTMLWith is the page with its links to the assets' folder and to the
// service's root.
func docsHTMLWith(assets, root string) []byte {
	page := template.Must(template.New("docs").Parse(docsHTML))
	var out bytes.Buffer
	if err := page.Execute(&out, map[string]string{"Assets": assets, "Root": root}); err != nil {
		panic(err) //nolint:forbidigo // the template is embedded, so a test meets this first
	}
	return out.Bytes()
}

// file is content that changes with the binary only.
type file struct {
	contentType string
	content     []byte
	etag        func() string
}

func newFile(contentType string, content []byte) file {
	return file{contentType, content, sync.OnceValue(func() string { return etag(content) })}
}

// send answers with the file, or with 304 where the client has it already. A
// client asks every time, so that it never mixes the files of two versions.
func (f file) send(c *gin.Context) error {
	c.Header("Content-Type", f.contentType)
	c.Header("Cache-Control", "no-cache")
	c.Header("ETag", f.etag())
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.content))
	return nil
}

func etag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

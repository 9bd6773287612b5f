package handlers_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/docs"
	"latchkey/handlers"
)

// docsRouter is a router of which only what describes the API works.
func docsRouter(t *testing.T) http.Handler {
	t.Helper()
	gin.SetMode(gin.TestMode)
	router, err := handlers.New(handlers.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func get(t *testing.T, h http.Handler, target string, headers ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	req.URL, req.RequestURI = address, target
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, req)
	return recorder.Result()
}

func content(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDocumentIsServedAsItIsCommitted(t *testing.T) {
	router := docsRouter(t)
	for target, want := range map[string]struct {
		contentType string
		body        []byte
	}{
		"/openapi.json": {"application/json", docs.JSON},
		"/openapi.yaml": {"application/yaml", docs.YAML},
	} {
		resp := get(t, router, target)
		if body := content(t, resp); resp.StatusCode != http.StatusOK || !bytes.Equal([]byte(body), want.body) {
			t.Errorf("%s: %d, %d bytes of %d", target, resp.StatusCode, len(body), len(want.body))
		}
		if got := resp.Header.Get("Content-Type"); got != want.contentType {
			t.Errorf("%s is %s", target, got)
		}
		expectCheapReload(t, router, target, resp)
	}
}

// expectCheapReload asks again as a browser does that has the answer.
func expectCheapReload(t *testing.T, router http.Handler, target string, resp *http.Response) {
	t.Helper()
	if got := resp.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("%s: Cache-Control %q", target, got)
	}
	again := get(t, router, target, "If-None-Match", resp.Header.Get("ETag"))
	if body := content(t, again); again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("%s again: %d, %d bytes", target, again.StatusCode, len(body))
	}
}

var (
	attribute = regexp.MustCompile(`(?:href|src|data-document)="([^"]*)"`)
	fromAfar  = regexp.MustCompile(`(?:https?:)?//[a-z0-9]`)
)

// The page's links have to lead somewhere whether or not its own address ends
// with a slash, and stay below what a proxy puts in front.
func TestDocsPageLinksToWhatIsServed(t *testing.T) {
	router := docsRouter(t)
	for _, page := range []string{"/docs", "/docs/"} {
		resp := get(t, router, page)
		html := content(t, resp)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: %d %s", page, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		expectCheapReload(t, router, page, resp)
		if !strings.Contains(html, "<title>Latchkey – API</title>") {
			t.Errorf("%s has not its own title", page)
		}
		links := attribute.FindAllStringSubmatch(html, -1)
		if len(links) == 0 {
			t.Errorf("%s has no links", page)
		}
		folder, _ := path.Split(page)
		for _, link := range links {
			target := path.Join(folder, link[1])
			if strings.HasPrefix(link[1], "/") || !strings.HasPrefix(path.Join("/proxy", folder, link[1]), "/proxy/") {
				t.Errorf("%s leaves the proxy's prefix with %s", page, link[1])
			}
			if resp := get(t, router, target); resp.StatusCode != http.StatusOK {
				t.Errorf("%s links to %s, which is %d", page, target, resp.StatusCode)
			}
		}
	}
}

func TestDocsPageMayLoadItsOwnFilesOnly(t *testing.T) {
	policy := get(t, docsRouter(t), "/docs").Header.Get("Content-Security-Policy")
	want := map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self' 'unsafe-inline'",
		"img-src": "'self' data:", "connect-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	}
	for directive := range strings.SplitSeq(policy, "; ") {
		name, value, _ := strings.Cut(directive, " ")
		if want[name] != value {
			t.Errorf("%s is %s, want %s", name, value, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("the policy lacks %v", want)
	}
}

func TestDocsAssets(t *testing.T) {
	router := docsRouter(t)
	for name, contentType := range map[string]string{
		"swagger-ui.css":       "text/css; charset=utf-8",
		"swagger-ui-bundle.js": "application/javascript",
		"latchkey.css":         "text/css; charset=utf-8",
		"latchkey.js":          "text/javascript; charset=utf-8",
		"latchkey-session.js":  "text/javascript; charset=utf-8",
		"latchkey.svg":         "image/svg+xml",
	} {
		resp := get(t, router, "/docs/"+name)
		body := content(t, resp)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != contentType || body == "" {
			t.Errorf("%s: %d %s, %d bytes", name, resp.StatusCode, resp.Header.Get("Content-Type"), len(body))
		}
		expectCheapReload(t, router, "/docs/"+name, resp)
	}
}

func TestDocsOwnFilesLoadNothingFromElsewhere(t *testing.T) {
	router := docsRouter(t)
	for _, target := range []string{"/docs", "/docs/latchkey.css", "/docs/latchkey.js", "/docs/latchkey-session.js"} {
		if far := fromAfar.FindString(content(t, get(t, router, target))); far != "" {
			t.Errorf("%s mentions %s", target, far)
		}
	}
}

func TestDocsHasNothingElse(t *testing.T) {
	router := docsRouter(t)
	for _, target := range []string{
		"/docs/nope.js", "/docs/index.html", "/docs/doc.json", "/docs/swagger-initializer.js", "/docs/swagger-ui.css.map",
		"/docs/..%2f", "/docs/..%2fopenapi.json", "/docs/../docs", "/docs/x/swagger-ui.css", "/docs/%00",
	} {
		resp := get(t, router, target)
		if body := content(t, resp); resp.StatusCode != http.StatusNotFound || body != `{"detail":"Not Found"}` {
			t.Errorf("%s: %d %s", target, resp.StatusCode, body)
		}
	}
}

// gin-swagger keeps the path in front of the first file it is asked for.
func TestDocsSurviveAStrangeFirstRequest(t *testing.T) {
	for _, first := range []string{
		"/docs/swagger-ui.css?swagger-ui.css", "//docs/swagger-ui.css", "/docs/swagger-ui.css/", "/docs/swagger%2Dui.css?x=/index.html",
		"http://elsewhere.example/docs/swagger-ui.css", "/docs/x/index.html/swagger-ui.css",
	} {
		router := docsRouter(t)
		content(t, get(t, router, first))
		for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js"} {
			if resp := get(t, router, "/docs/"+name); resp.StatusCode != http.StatusOK {
				t.Errorf("after %s, %s is %d", first, name, resp.StatusCode)
			}
		}
	}
}

package handlers_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

// linkPages are the pages behind the links in mails, with their titles.
var linkPages = map[string]string{
	"/verify-email":    "Confirm your email address",
	"/verify-email/":   "Confirm your email address",
	"/reset-password":  "Choose a new password",
	"/reset-password/": "Choose a new password",
}

func TestLinkPages(t *testing.T) {
	router := docsRouter(t)
	for path, title := range linkPages {
		resp := get(t, router, path+"?token=a-secret")
		html := content(t, resp)
		if resp.StatusCode != http.StatusOK || !strings.Contains(html, "<title>"+title+"</title>") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, html)
		}
		if strings.Contains(html, "a-secret") {
			t.Errorf("%s repeats the token", path)
		}
		for name, want := range map[string]string{
			"Content-Type":           "text/html; charset=utf-8",
			"Content-Language":       "",
			"Cache-Control":          "no-store",
			"Referrer-Policy":        "no-referrer",
			"X-Content-Type-Options": "nosniff",
			"X-Frame-Options":        "DENY",
			"Set-Cookie":             "",
			"ETag":                   "", // by which one could be told from others
		} {
			if got := strings.Join(resp.Header.Values(name), ", "); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestLinkPagesRunTheirOwnPartsOnly(t *testing.T) {
	router := docsRouter(t)
	for path := range linkPages {
		resp := get(t, router, path)
		html := content(t, resp)
		want := "default-src 'none'; script-src " + hashOfOnly(t, html, "script") + "; style-src " + hashOfOnly(t, html, "style") +
			"; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
		if got := resp.Header.Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: the policy is\n%s, want\n%s", path, got, want)
		}
		if inline := regexp.MustCompile(`\s(style|on[a-z]+)=`).FindString(html); inline != "" {
			t.Errorf("%s has%s, which the policy keeps from working", path, inline)
		}
	}
}

// hashOfOnly is how a policy allows the one element of that name.
func hashOfOnly(t *testing.T, html, element string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<`+element+`>(.+?)</`+element+`>`).FindAllStringSubmatch(html, -1)
	if len(found) != 1 || strings.Count(html, "<"+element) != 1 {
		t.Fatalf("not just one plain %s in %s", element, html)
	}
	sum := sha256.Sum256([]byte(found[0][1]))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func TestLinkPagesLoadNothing(t *testing.T) {
	router := docsRouter(t)
	for path := range linkPages {
		html := content(t, get(t, router, path))
		if far := fromAfar.FindString(html); far != "" {
			t.Errorf("%s mentions %s", path, far)
		}
		if loads := regexp.MustCompile(`url\(|@import|<iframe|<a `).FindString(html); loads != "" {
			t.Errorf("%s has %s", path, loads)
		}
		for _, link := range attribute.FindAllStringSubmatch(html, -1) {
			if !strings.HasPrefix(link[1], "data:image/svg+xml;base64,") {
				t.Errorf("%s links to %s", path, link[1])
			}
		}
	}
}

// Only that a person reads them, works with them and can do without JavaScript
// is left for a browser to show.
func TestLinkPagesAreFitForAll(t *testing.T) {
	router := docsRouter(t)
	for path := range linkPages {
		html := content(t, get(t, router, path))
		for _, part := range []string{
			`<html lang="en">`, `<meta name="viewport" content="width=device-width, initial-scale=1">`,
			"<noscript>", "prefers-color-scheme: dark", `role="alert"`,
		} {
			if !strings.Contains(html, part) {
				t.Errorf("%s lacks %s", path, part)
			}
		}
		if strings.Contains(html, "{{") || strings.Contains(html, "<no value>") {
			t.Errorf("%s has holes: %s", path, html)
		}
	}
}

// What a mail scanner does to a link must neither use the token up nor leave
// it in the log.
func TestLinkPagesKeepTheTokenToThemselves(t *testing.T) {
	s := apitest.Start(t)
	for path := range linkPages {
		if resp := s.Get(path+"?token=a-secret", ""); resp.Status != http.StatusOK {
			t.Errorf("GET %s: %d", path, resp.Status)
		}
		if resp := s.Send(http.MethodHead, path+"?token=a-secret", ""); resp.Status != http.StatusMethodNotAllowed {
			t.Errorf("HEAD %s: %d", path, resp.Status)
		}
		if resp := s.JSON(http.MethodPost, path, "", `{"token":"a-secret","new_password":"violet otter staple"}`); resp.Status != http.StatusBadRequest {
			t.Errorf("POST %s: %d %s", path, resp.Status, resp.Body)
		}
	}
	log := s.Log.String()
	if strings.Contains(log, "a-secret") || !strings.Contains(log, `"route":"/verify-email"`) || !strings.Contains(log, `"route":"/reset-password/"`) {
		t.Errorf("the log is\n%s", log)
	}
}

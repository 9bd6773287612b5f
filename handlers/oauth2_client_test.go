package handlers_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"latchkey/internal/apitest"
)

// The Go client golang.org/x/oauth2 works unchanged, wherever it puts the
// client's secret.

var authStyles = map[string]oauth2.AuthStyle{
	"header": oauth2.AuthStyleInHeader, "form": oauth2.AuthStyleInParams, "detected": oauth2.AuthStyleAutoDetect,
}

func goClient(s *apitest.Server, id, secret string, style oauth2.AuthStyle) *oauth2.Config {
	return &oauth2.Config{
		ClientID: id, ClientSecret: secret, Scopes: []string{"items:read"},
		Endpoint: oauth2.Endpoint{TokenURL: s.URL + "/token", AuthStyle: style},
	}
}

func TestGoClientStaysLoggedIn(t *testing.T) {
	for name, style := range authStyles {
		t.Run(name, func(t *testing.T) {
			s := apitest.Start(t)
			expectGoClientStaysLoggedIn(t, s, goClient(s, "", "", style))
			expectGoClientStaysLoggedIn(t, s, goClient(s, "front end", "", style))
			expectGoClientStaysLoggedIn(t, s, goClient(s, "web", s.RegisterClient("web"), style))
		})
	}
}

func expectGoClientStaysLoggedIn(t *testing.T, s *apitest.Server, client *oauth2.Config) {
	t.Helper()
	first, err := client.PasswordCredentialsToken(t.Context(), "johndoe", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if first.Type() != "Bearer" || !first.Valid() || first.Extra("scope") != "items:read" {
		t.Errorf("%s token until %s for %v", first.Type(), first.Expiry, first.Extra("scope"))
	}
	s.Clock.Advance(time.Hour)
	if got := s.Get("/users/me", first.AccessToken); got.Status != http.StatusUnauthorized {
		t.Errorf("the first token is %d after an hour", got.Status)
	}
	first.Expiry = time.Now().Add(-time.Second) // by the client's own clock too
	source := client.TokenSource(t.Context(), first)
	resp, err := oauth2.NewClient(t.Context(), source).Get(s.URL + "/users/me")
	if err != nil {
		t.Fatal(err)
	}
	if body := content(t, resp); resp.StatusCode != http.StatusOK {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	second, err := source.Token()
	if err != nil || second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken {
		t.Errorf("the token was not renewed: %v", err)
	}
}

func TestGoClientCredentials(t *testing.T) {
	s := apitest.Start(t)
	secret := s.RegisterClient("robot", "items:read", "tokens:introspect")
	for name, style := range authStyles {
		client := clientcredentials.Config{
			ClientID: "robot", ClientSecret: secret, TokenURL: s.URL + "/token", AuthStyle: style, Scopes: []string{"tokens:introspect"},
		}
		token, err := client.Token(t.Context())
		if err != nil || token.RefreshToken != "" || token.Extra("scope") != "tokens:introspect" {
			t.Errorf("%s: %+v %v", name, token, err)
			continue
		}
		got := s.Send(http.MethodPost, "/token/introspect", "token="+token.AccessToken,
			"Content-Type", form, "Authorization", "Bearer "+token.AccessToken)
		if got.Status != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

func TestGoClientUnderstandsErrors(t *testing.T) {
	for name, style := range authStyles {
		t.Run(name, func(t *testing.T) {
			s := apitest.Start(t)
			client := goClient(s, "web", s.RegisterClient("web"), style)
			_, err := client.PasswordCredentialsToken(t.Context(), "johndoe", "wrong")
			expectGoError(t, err, http.StatusBadRequest, "invalid_grant", "Incorrect username or password")

			_, err = client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: "unknown"}).Token()
			expectGoError(t, err, http.StatusBadRequest, "invalid_grant", "The refresh token is invalid")

			client.Scopes = []string{"everything"}
			_, err = client.PasswordCredentialsToken(t.Context(), "johndoe", "secret")
			expectGoError(t, err, http.StatusBadRequest, "invalid_scope", "The requested scope is unknown or not allowed")

			client.ClientSecret = "wrong"
			_, err = client.PasswordCredentialsToken(t.Context(), "johndoe", "secret")
			expectGoError(t, err, http.StatusUnauthorized, "invalid_client", "Client authentication failed")
		})
	}
}

func expectGoError(t *testing.T, err error, status int, code, description string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		t.Errorf("no refusal: %v", err)
		return
	}
	if refused.Response.StatusCode != status || refused.ErrorCode != code || refused.ErrorDescription != description {
		t.Errorf("%d %s %q", refused.Response.StatusCode, refused.ErrorCode, refused.ErrorDescription)
	}
}

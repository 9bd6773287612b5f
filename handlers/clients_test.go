package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

const deadClient = `{"detail":"Client authentication failed","error":"invalid_client","error_description":"Client authentication failed"}`

func TestRegisteredClientHasToProveWhoItIs(t *testing.T) {
	t.Run("sqlite", testRegisteredClientHasToProveWhoItIs)
	t.Run("postgres", testRegisteredClientHasToProveWhoItIs)
}

func testRegisteredClientHasToProveWhoItIs(t *testing.T) {
	s := apitest.Start(t)
	secret := s.RegisterClient("web")
	for _, tc := range []struct {
		name, basic string
		fields      []string
		status      int
	}{
		{name: "header", basic: "web:" + secret, status: 200},
		{name: "form", fields: []string{"client_id", "web", "client_secret", secret}, status: 200},
		{name: "none", status: 200},
		{name: "empty header", basic: ":", status: 200},
		{name: "wrong secret", basic: "web:wrong", status: 401},
		{name: "no secret", fields: []string{"client_id", "web"}, status: 401},
		{name: "unknown", basic: "app:" + secret, status: 401},
		{name: "unknown, in the form", fields: []string{"client_id", "app"}, status: 401},
		{name: "the hash as secret", basic: "web:" + strings.Repeat("0", 64), status: 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.Do(tokenRequest(t, s, tc.basic, append([]string{"username", "johndoe", "password", "secret"}, tc.fields...)...))
			if got.Status != tc.status {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			if tc.status == http.StatusUnauthorized && (got.Body != deadClient || got.Header.Get("WWW-Authenticate") != "Basic") {
				t.Errorf("%s %s", got.Header.Get("WWW-Authenticate"), got.Body)
			}
		})
	}
	if s.DatabaseContains(secret) || strings.Contains(s.Log.String(), secret) {
		t.Error("the secret is in the database or in the log")
	}
}

func TestRefreshTokenIsItsClients(t *testing.T) {
	t.Run("sqlite", testRefreshTokenIsItsClients)
	t.Run("postgres", testRefreshTokenIsItsClients)
}

func testRefreshTokenIsItsClients(t *testing.T) {
	s := apitest.Start(t)
	web, app := s.RegisterClient("web"), s.RegisterClient("app")
	pair := apitest.Decode[models.TokenAnswer](s, s.Form("/token",
		"username", "johndoe", "password", "secret", "client_id", "web", "client_secret", web))
	if got := refresh(s, pair.RefreshToken); got.Status != http.StatusUnauthorized || got.Body != deadClient {
		t.Errorf("without the client: %d %s", got.Status, got.Body)
	}
	if got := refresh(s, pair.RefreshToken, "client_id", "app", "client_secret", app); got.Status != http.StatusBadRequest || got.Body != deadRefreshToken {
		t.Errorf("as another client: %d %s", got.Status, got.Body)
	}
	for _, token := range []string{pair.RefreshToken, pair.AccessToken} {
		if got := s.Form("/token/revoke", "token", token, "client_id", "app", "client_secret", app); got.Status != http.StatusBadRequest ||
			!strings.Contains(got.Body, `"unauthorized_client"`) {
			t.Errorf("revoked by another client: %d %s", got.Status, got.Body)
		}
	}
	if got := refresh(s, pair.RefreshToken, "client_id", "web", "client_secret", web); got.Status != http.StatusOK {
		t.Errorf("as its client: %d %s", got.Status, got.Body)
	}
}

func TestFreeTextClientStaysTheSame(t *testing.T) {
	t.Run("sqlite", testFreeTextClientStaysTheSame)
	t.Run("postgres", testFreeTextClientStaysTheSame)
}

func testFreeTextClientStaysTheSame(t *testing.T) {
	s := apitest.Start(t)
	pair := apitest.Decode[models.TokenAnswer](s, s.Form("/token", "username", "johndoe", "password", "secret", "client_id", "web"))
	if got := refresh(s, pair.RefreshToken, "client_id", "app"); got.Body != deadRefreshToken {
		t.Errorf("as another client: %d %s", got.Status, got.Body)
	}
	if got := refresh(s, pair.RefreshToken); got.Status != http.StatusOK {
		t.Errorf("without saying so: %d %s", got.Status, got.Body)
	}
}

func TestClientCredentials(t *testing.T) {
	t.Run("sqlite", testClientCredentials)
	t.Run("postgres", testClientCredentials)
}

func testClientCredentials(t *testing.T) {
	s := apitest.Start(t)
	secret := s.RegisterClient("robot", "items:read", "tokens:introspect")
	ask := func(more ...string) apitest.Response {
		return s.Form("/token", append([]string{
			"grant_type", "client_credentials", "client_id", "robot", "client_secret", secret,
		}, more...)...)
	}
	answer := apitest.Decode[models.TokenAnswer](s, ask())
	if answer.RefreshToken != "" || answer.Scope != "items:read tokens:introspect" || answer.AccessToken == "" {
		t.Errorf("%+v", answer)
	}
	if got := ask("scope", "items:write"); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, `"invalid_scope"`) {
		t.Errorf("a scope it does not have: %d %s", got.Status, got.Body)
	}
	if got := s.Get("/items/", answer.AccessToken); got.Status != http.StatusUnauthorized || got.Body != badCredentials {
		t.Errorf("it is no user: %d %s", got.Status, got.Body)
	}
	about := apitest.Decode[models.Introspection](s, introspect(s, answer.AccessToken, answer.AccessToken))
	if !about.Active || len(about.Subject) != 32 || about.ClientID != "robot" || about.Username != "" {
		t.Errorf("%+v", about)
	}
	if got := s.Form("/token/introspect", "token", answer.AccessToken, "client_id", "robot", "client_secret", secret); !strings.Contains(got.Body, `"active":true`) {
		t.Errorf("asked by the client itself: %d %s", got.Status, got.Body)
	}
	s.Form("/token/revoke", "token", answer.AccessToken)
	if got := introspect(s, answer.AccessToken, answer.AccessToken); got.Status != http.StatusUnauthorized {
		t.Errorf("after its revocation: %d %s", got.Status, got.Body)
	}
}

func TestClientOfTheSameIDIsAnotherOne(t *testing.T) {
	t.Run("sqlite", testClientOfTheSameIDIsAnotherOne)
	t.Run("postgres", testClientOfTheSameIDIsAnotherOne)
}

func testClientOfTheSameIDIsAnotherOne(t *testing.T) {
	s := apitest.Start(t)
	asker := s.LogIn("johndoe", "secret")
	secret := s.RegisterClient("robot")
	token := apitest.Decode[models.TokenAnswer](s, s.Form("/token",
		"grant_type", "client_credentials", "client_id", "robot", "client_secret", secret)).AccessToken
	if got := introspect(s, asker, token); !strings.Contains(got.Body, `"active":true`) {
		t.Fatal(got.Body)
	}
	s.Exec(`DELETE FROM clients`)
	s.Clock.Advance(time.Second)
	s.RegisterClient("robot")
	if got := introspect(s, asker, token); got.Body != `{"active":false}` {
		t.Error(got.Body)
	}
}

func TestClientCredentialsNeedARegisteredClient(t *testing.T) {
	t.Run("sqlite", testClientCredentialsNeedARegisteredClient)
	t.Run("postgres", testClientCredentialsNeedARegisteredClient)
}

func testClientCredentialsNeedARegisteredClient(t *testing.T) {
	s := apitest.Start(t)
	for _, fields := range [][]string{{}, {"client_id", "web"}, {"client_id", "web", "client_secret", "x"}} {
		got := s.Form("/token", append([]string{"grant_type", "client_credentials"}, fields...)...)
		if got.Status != http.StatusUnauthorized || got.Body != deadClient {
			t.Errorf("%v: %d %s", fields, got.Status, got.Body)
		}
	}
}

func TestClientIDThatIsRegisteredAgainIsSomebodyElse(t *testing.T) {
	t.Run("sqlite", testClientIDThatIsRegisteredAgainIsSomebodyElse)
	t.Run("postgres", testClientIDThatIsRegisteredAgainIsSomebodyElse)
}

func testClientIDThatIsRegisteredAgainIsSomebodyElse(t *testing.T) {
	s := apitest.Start(t)
	secret := s.RegisterClient("robot", "tokens:introspect")
	s.RegisterClient("asker", "tokens:introspect")
	old := apitest.Decode[models.TokenAnswer](s, s.Form("/token",
		"grant_type", "client_credentials", "client_id", "robot", "client_secret", secret)).AccessToken
	s.Exec(`DELETE FROM clients WHERE id = 'robot'`)
	s.RegisterClient("robot", "tokens:introspect")
	if got := introspect(s, s.LogIn("johndoe", "secret"), old); got.Body != `{"active":false}` {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := introspect(s, old, old); got.Status != http.StatusUnauthorized {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

package handlers_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// all is every scope, which johndoe has.
const all = "items:read items:write tokens:introspect users:read users:write audit:read"

func TestTokenAnswer(t *testing.T) {
	t.Run("sqlite", testTokenAnswer)
	t.Run("postgres", testTokenAnswer)
}

func testTokenAnswer(t *testing.T) {
	s := apitest.Start(t)
	got := s.Form("/token", "grant_type", "password", "username", "johndoe", "password", "secret")
	var members map[string]any
	if err := json.Unmarshal([]byte(got.Body), &members); err != nil || got.Status != http.StatusOK {
		t.Fatal(got.Status, got.Body, err)
	}
	token, _ := members["access_token"].(string)
	delete(members, "access_token")
	if refresh, _ := members["refresh_token"].(string); len(refresh) != 43 { // 256 bits in base64url
		t.Errorf("refresh token %q", refresh)
	}
	delete(members, "refresh_token")
	want := map[string]any{"token_type": "bearer", "expires_in": 1800.0, "scope": all}
	if !equalJSON(t, members, want) {
		t.Errorf("got %v, want %v and access_token", members, want)
	}
	for name, value := range noStore {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	checkClaims(t, s, token)
}

// checkClaims looks into a token of johndoe's (RFC 9068 §2).
func checkClaims(t *testing.T, s *apitest.Server, token string) {
	t.Helper()
	part := strings.Split(token, ".")
	var header, claims map[string]any
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(part[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	keys := apitest.Decode[models.KeySet](s, s.Get("/.well-known/jwks.json", ""))
	if header["typ"] != "at+jwt" || header["alg"] != "ES256" || header["kid"] != keys.Keys[0].KeyID {
		t.Errorf("header %v", header)
	}
	user := apitest.Decode[models.User](s, s.Get("/users/me", token))
	for name, want := range map[string]any{
		"iss": s.URL, "aud": s.URL, "sub": user.ID, "client_id": "anonymous", "scope": all,
	} {
		if claims[name] != want {
			t.Errorf("claim %s: %v, want %v", name, claims[name], want)
		}
	}
	issued, _ := claims["iat"].(float64)
	if claims["jti"] == "" || claims["exp"] != issued+1800 {
		t.Errorf("claims %v", claims)
	}
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

func TestTokenAccepts(t *testing.T) {
	t.Run("sqlite", testTokenAccepts)
	t.Run("postgres", testTokenAccepts)
}

func testTokenAccepts(t *testing.T) {
	s := apitest.Start(t)
	credentials := []string{"username", "johndoe", "password", "secret"}
	for _, tc := range []struct {
		name   string
		fields []string
		basic  string
		scope  string
	}{
		{name: "no grant type", scope: all},
		{name: "empty parameters", fields: []string{"grant_type", "", "scope", "", "client_id", "", "client_secret", ""}, scope: all},
		{name: "one scope", fields: []string{"scope", "items:read"}, scope: "items:read"},
		{name: "scopes in another order, with spaces and repeated", fields: []string{"scope", "  items:write items:read  items:write "}, scope: "items:write items:read"},
		{name: "client in the form", fields: []string{"client_id", "web", "client_secret", "s3cret"}, scope: all},
		{name: "client in the header", basic: "web:s3cret", scope: all},
		{name: "same client in both", fields: []string{"client_id", "web"}, basic: "web:s3cret", scope: all},
		{name: "empty Basic header, as Swagger UI sends it", basic: ":", scope: all},
		{name: "unknown parameter", fields: []string{"device", "phone"}, scope: all},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.Do(tokenRequest(t, s, tc.basic, append(credentials, tc.fields...)...))
			if got.Status != http.StatusOK {
				t.Fatal(got.Status, got.Body)
			}
			if answer := apitest.Decode[models.TokenAnswer](s, got); answer.Scope != tc.scope {
				t.Errorf("scope %q, want %q", answer.Scope, tc.scope)
			}
		})
	}
}

// tokenRequest is a multipart request, the other encoding than Form's.
func tokenRequest(t *testing.T, s *apitest.Server, basic string, fields ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/token", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	if id, secret, ok := strings.Cut(basic, ":"); ok {
		req.SetBasicAuth(id, secret)
	}
	return req
}

func TestTokenExpires(t *testing.T) {
	t.Run("sqlite", testTokenExpires)
	t.Run("postgres", testTokenExpires)
}

func testTokenExpires(t *testing.T) {
	s := apitest.Start(t, "--access-token-ttl=5m")
	token := s.LogIn("johndoe", "secret")
	s.Clock.Advance(4*time.Minute + 55*time.Second)
	if got := s.Get("/users/me", token); got.Status != http.StatusOK {
		t.Errorf("shortly before its end: %d", got.Status)
	}
	s.Clock.Advance(5 * time.Second)
	got := s.Get("/users/me", token)
	if got.Status != http.StatusUnauthorized || got.Body != badCredentials ||
		got.Header.Get("WWW-Authenticate") != `Bearer error="invalid_token", error_description="The access token expired"` {
		t.Errorf("after its end: %d %s %s", got.Status, got.Body, got.Header.Get("WWW-Authenticate"))
	}
}

func TestTokenOpensNothingOnceItsUserIsGone(t *testing.T) {
	t.Run("sqlite", testTokenOpensNothingOnceItsUserIsGone)
	t.Run("postgres", testTokenOpensNothingOnceItsUserIsGone)
}

func testTokenOpensNothingOnceItsUserIsGone(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	s.Exec(`DELETE FROM users WHERE username = 'johndoe'`)
	if got := s.Get("/users/me", token); got.Status != http.StatusUnauthorized || got.Body != badCredentials {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	s.Exec(`INSERT INTO users (username, hashed_password) VALUES ('johndoe', 'x')`)
	if got := s.Get("/users/me", token); got.Status != http.StatusUnauthorized {
		t.Errorf("a new user of the same name is somebody else: %d %s", got.Status, got.Body)
	}
}

func TestTokenOpensWhatItsUserMayStillDo(t *testing.T) {
	t.Run("sqlite", testTokenOpensWhatItsUserMayStillDo)
	t.Run("postgres", testTokenOpensWhatItsUserMayStillDo)
}

func testTokenOpensWhatItsUserMayStillDo(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	s.Exec(`UPDATE users SET scopes = 'items:read' WHERE username = 'johndoe'`)
	if got := s.JSON(http.MethodPost, "/items/", token, `{"title":"x"}`); got.Status != http.StatusForbidden {
		t.Errorf("a scope that was taken away: %d %s", got.Status, got.Body)
	}
	if got := s.Get("/items/", token); got.Status != http.StatusOK {
		t.Errorf("one that was not: %d %s", got.Status, got.Body)
	}
}

func TestUserFromADatabaseShell(t *testing.T) {
	t.Run("sqlite", testUserFromADatabaseShell)
	t.Run("postgres", testUserFromADatabaseShell)
}

func testUserFromADatabaseShell(t *testing.T) {
	s := apitest.Start(t)
	const bcryptOfSecret = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW" // the tutorial's
	s.Exec(`INSERT INTO users (username, email, full_name, hashed_password, disabled) VALUES ('wonder', NULL, 'Wonder', $1, FALSE)`, bcryptOfSecret)
	for range 2 { // the second time with the renewed hash
		user := apitest.Decode[models.User](s, s.Get("/users/me", s.LogIn("wonder", "secret")))
		if user.Username != "wonder" || user.Email != nil || *user.FullName != "Wonder" || user.Disabled || len(user.ID) != 32 {
			t.Errorf("%+v", user)
		}
	}
	if strings.Contains(s.Log.String(), "$2b$") {
		t.Error("the hash is in the log")
	}
}

func TestTokenWithAnEmptyBasicHeader(t *testing.T) {
	t.Run("sqlite", testTokenWithAnEmptyBasicHeader)
	t.Run("postgres", testTokenWithAnEmptyBasicHeader)
}

func testTokenWithAnEmptyBasicHeader(t *testing.T) {
	s := apitest.Start(t)
	for _, header := range []string{"Basic", "Basic ", "Basic Og=="} {
		got := s.Send(http.MethodPost, "/token", "username=johndoe&password=secret", "Content-Type", form, "Authorization", header)
		if got.Status != http.StatusOK {
			t.Errorf("%q: %d %s", header, got.Status, got.Body)
		}
	}
}

// TestTokenFormThatIsCutOff closes the sending side in the middle of the body.
func TestTokenFormThatIsCutOff(t *testing.T) {
	t.Run("sqlite", testTokenFormThatIsCutOff)
	t.Run("postgres", testTokenFormThatIsCutOff)
}

func testTokenFormThatIsCutOff(t *testing.T) {
	s := apitest.Start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: "+form+"\r\nContent-Length: 100\r\n\r\nusername=joh"); err != nil {
		t.Fatal(err)
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil { //nolint:errcheck // TCP has it
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if want := oauthError("invalid_request", "The form cannot be read"); err != nil || resp.StatusCode != http.StatusBadRequest || string(body) != want {
		t.Errorf("%d %s, %v, want %s", resp.StatusCode, body, err, want)
	}
}

func TestOversizedBodyThatNeverComesIsAnsweredSoon(t *testing.T) {
	t.Run("sqlite", testOversizedBodyThatNeverComesIsAnsweredSoon)
	t.Run("postgres", testOversizedBodyThatNeverComesIsAnsweredSoon)
}

func testOversizedBodyThatNeverComesIsAnsweredSoon(t *testing.T) {
	s := apitest.Start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil { // the server's own patience is 15 s
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: "+form+"\r\nContent-Length: 70000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", resp.StatusCode)
	}
}

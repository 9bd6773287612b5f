package service_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/tokens"
	"latchkey/models"
)

const (
	ttl    = 30 * time.Minute
	issuer = "https://id.example.com"
)

// withKeys starts a service with a key file whose place is known.
func withKeys(t *testing.T) (s *apitest.Server, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keys.pem")
	return apitest.Start(t, "--key-file="+path, "--public-url="+issuer), path
}

func rotate(t *testing.T, path string) *tokens.KeySet {
	t.Helper()
	set, _, err := tokens.RotateKeyFile(path, tokens.Rotation{TTL: ttl, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// ids are the keys of a set as it is published.
func ids(set *tokens.KeySet) (ids []string) {
	for _, k := range set.JWKS().Keys {
		ids = append(ids, k.KeyID)
	}
	return ids
}

func published(s *apitest.Server) (ids []string) {
	for _, k := range apitest.Decode[models.KeySet](s, s.Get("/.well-known/jwks.json", "")).Keys {
		ids = append(ids, k.KeyID)
	}
	return ids
}

// within asks again and again, for the two seconds that are promised.
func within(t *testing.T, s *apitest.Server, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Second); !ok(); s.Get("/healthz", "") {
		if time.Now().After(deadline) {
			t.Fatalf("not within two seconds: %s", what)
		}
	}
}

func wantAnswer(t *testing.T, s *apitest.Server, token string, want int) {
	t.Helper()
	if got := s.Get("/users/me", token); got.Status != want {
		t.Errorf("answers %d %s, want %d", got.Status, got.Body, want)
	}
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatal(err)
	}
	return header.Kid
}

func TestRotatedKeysAreFollowed(t *testing.T) {
	s, path := withKeys(t)
	before := s.LogIn("johndoe", "secret")
	want := ids(rotate(t, path))
	within(t, s, "both keys are published", func() bool { return slices.Equal(published(s), want) })
	after := s.LogIn("johndoe", "secret")
	if keyOf(t, before) != want[1] || keyOf(t, after) != want[0] {
		t.Errorf("tokens bear %s and %s, the keys are %v", keyOf(t, before), keyOf(t, after), want)
	}
	wantAnswer(t, s, before, http.StatusOK)
	wantAnswer(t, s, after, http.StatusOK)
	if !strings.Contains(s.Log.String(), `"signing":"`+want[0]+`"`) {
		t.Error("the log says nothing of it")
	}

	s.Clock.Advance(ttl + tokens.RetirementMargin - time.Minute)
	if got := published(s); !slices.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	s.Clock.Advance(time.Minute)
	if got := published(s); !slices.Equal(got, want[:1]) {
		t.Errorf("published %v, want %v", got, want[:1])
	}
}

// TestUnusableKeyFile: whatever becomes of the file, the service goes on with
// the keys it has, and says so once.
func TestUnusableKeyFile(t *testing.T) {
	s, path := withKeys(t)
	token := s.LogIn("johndoe", "secret")
	want := published(s)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		complaint string
		spoil     func() error
	}{
		{"PEM block 1: damaged", func() error { return os.WriteFile(path, []byte("battery staple"), 0o600) }},
		{"no private key in it", func() error { return os.Truncate(path, 0) }},
		{"no such file or directory", func() error { return os.Remove(path) }},
		{"is a directory", func() error { return os.Mkdir(path, 0o700) }},
	} {
		if err := tc.spoil(); err != nil {
			t.Fatal(err)
		}
		within(t, s, tc.complaint, func() bool { return strings.Contains(s.Log.String(), tc.complaint) })
		wantAnswer(t, s, token, http.StatusOK)
		wantAnswer(t, s, s.LogIn("johndoe", "secret"), http.StatusOK)
		if got := published(s); !slices.Equal(got, want) {
			t.Errorf("%s: published %v, want %v", tc.complaint, got, want)
		}
	}
	if strings.Contains(s.Log.String(), "battery") {
		t.Error("the log quotes the file")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	want = ids(rotate(t, path))
	within(t, s, "a good file counts again", func() bool { return slices.Equal(published(s), want) })
	if n := strings.Count(s.Log.String(), "the key file cannot be used"); n > 5 { // four, and perhaps one for a moment between
		t.Errorf("complained %d times", n)
	}
}

// TestKeyOfAnotherInstance: a token that another instance has signed with a
// key of this moment is good at once.
func TestKeyOfAnotherInstance(t *testing.T) {
	s, path := withKeys(t)
	token := s.LogIn("johndoe", "secret")
	another := func(keys *tokens.KeySet) *tokens.Issuer {
		i, err := tokens.NewIssuer(tokens.Config{Issuer: issuer, Audience: issuer, Keys: keys, TTL: ttl, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	old, err := tokens.ReadKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := another(old).Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, err := another(rotate(t, path)).Issue(tokens.Grant{
		Subject: claims.Subject, ClientID: claims.ClientID, Scopes: claims.Scopes, SessionID: claims.SessionID,
	})
	if err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, s, fresh, http.StatusOK)
	wantAnswer(t, s, token, http.StatusOK)
}

// TestKeyTakenAway: whoever takes a key out of the file ends its tokens, those
// too that were verified before.
func TestKeyTakenAway(t *testing.T) {
	s, path := withKeys(t)
	token := s.LogIn("johndoe", "secret")
	wantAnswer(t, s, token, http.StatusOK)
	other, err := tokens.OpenKeyFile(path + ".other")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".other", path); err != nil {
		t.Fatal(err)
	}
	within(t, s, "the other key alone is published", func() bool { return slices.Equal(published(s), ids(other)) })
	wantAnswer(t, s, token, http.StatusUnauthorized)
	wantAnswer(t, s, s.LogIn("johndoe", "secret"), http.StatusOK)
}

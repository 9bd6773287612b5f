package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

func TestIssueAndVerify(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(alg, func(t *testing.T) {
			i, c := newIssuer(t, ring(t, alg))
			token, issued, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web", Scopes: []string{"items:read", "items:write"}})
			if err != nil {
				t.Fatal(err)
			}
			want := tokens.Claims{
				Subject: "42", ClientID: "web", ID: issued.ID, Scopes: []string{"items:read", "items:write"},
				IssuedAt:  time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
				ExpiresAt: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
			}
			if !reflect.DeepEqual(issued, want) {
				t.Errorf("issued %+v, want %+v", issued, want)
			}
			verified, err := i.Verify(token)
			if err != nil || !reflect.DeepEqual(verified, issued) {
				t.Errorf("verified %+v, %v, want %+v", verified, err, issued)
			}
			c.now = issued.ExpiresAt.Add(-time.Microsecond)
			if _, err := i.Verify(token); err != nil {
				t.Errorf("just before its end: %v", err)
			}
			c.now = issued.ExpiresAt
			if _, err := i.Verify(token); !errors.Is(err, tokens.ErrExpired) {
				t.Errorf("at its end: %v", err)
			}
		})
	}
}

// TestWireFormat pins the token down to its members: RFC 9068 §2.1 and §2.2.
func TestWireFormat(t *testing.T) {
	keys := ring(t, "ES256")
	i, _ := newIssuer(t, keys)
	token, issued, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web", Scopes: []string{"items:read", "items:write"}})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	wantHeader := map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": keys.JWKS().Keys[0].KeyID}
	if got := members(t, parts[0]); !reflect.DeepEqual(got, wantHeader) {
		t.Errorf("header %v, want %v", got, wantHeader)
	}
	wantClaims := map[string]any{
		"iss": testIssuer, "aud": testAudience, "sub": "42", "client_id": "web", "jti": issued.ID,
		"scope": "items:read items:write",
		"iat":   float64(start.Unix()), "exp": float64(start.Unix() + 1800),
	}
	if got := members(t, parts[1]); !reflect.DeepEqual(got, wantClaims) {
		t.Errorf("claims %v, want %v", got, wantClaims)
	}
}

func members(t *testing.T, part string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(must1(base64.RawURLEncoding.DecodeString(part)), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestIssueWithoutScopes(t *testing.T) {
	i, _ := newIssuer(t, ring(t, "ES256"))
	token, issued, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := members(t, strings.Split(token, ".")[1])["scope"]; there {
		t.Error("an empty scope is in the token")
	}
	verified, err := i.Verify(token)
	if err != nil || verified.Scopes == nil || len(verified.Scopes) != 0 || !reflect.DeepEqual(verified, issued) {
		t.Errorf("got %#v, %v, want %#v", verified, err, issued)
	}
}

func TestIssueRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, subject, client string
		scopes                []string
	}{
		{"no subject", "", "web", nil},
		{"no client", "42", "", nil},
		{"subject not UTF-8", "4\xff", "web", nil},
		{"client not UTF-8", "42", "w\xff", nil},
		{"empty scope", "42", "web", []string{"items:read", ""}},
		{"two scopes in one", "42", "web", []string{"items:read users:write"}},
		{"quote in a scope", "42", "web", []string{`a"b`}},
		{"backslash in a scope", "42", "web", []string{`a\b`}},
		{"scope not ASCII", "42", "web", []string{"é"}},
		{"control character in a scope", "42", "web", []string{"a\x7f"}},
		{"too long for Verify", "42", strings.Repeat("w", tokens.MaxLength), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, _ := newIssuer(t, ring(t, "EdDSA"))
			token, _, err := i.Issue(tokens.Grant{Subject: tc.subject, ClientID: tc.client, Scopes: tc.scopes})
			if err == nil || token != "" {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
}

// TestIssueConcurrently: one issuer, many requests, and no ID twice.
func TestIssueConcurrently(t *testing.T) {
	i, _ := newIssuer(t, ring(t, "ES256"))
	var ids sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 16 {
				token, claims, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
				if err != nil {
					t.Error(err)
				}
				if _, twice := ids.LoadOrStore(claims.ID, true); twice {
					t.Errorf("ID %q twice", claims.ID)
				}
				if _, err := i.Verify(token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestFirstKeySigns(t *testing.T) {
	old, _ := newIssuer(t, ring(t, "ES256"))
	both, _ := newIssuer(t, ring(t, "EdDSA", "ES256"))
	oldToken, _, err := old.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
	if err != nil {
		t.Fatal(err)
	}
	newToken, _, err := both.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{oldToken, newToken} {
		if _, err := both.Verify(token); err != nil {
			t.Errorf("with both keys: %v", err)
		}
	}
	wantReason(t, old, newToken, "unknown key")
	if got := members(t, strings.Split(newToken, ".")[0])["kid"]; got != both.Keys().JWKS().Keys[0].KeyID {
		t.Errorf("signed with %v, which is not the first key", got)
	}
}

// TestVerifiableByOthers checks our tokens as another service would: with the
// published JSON and the standard library, and nothing of ours or of go-jose.
func TestVerifiableByOthers(t *testing.T) {
	published := must1(json.Marshal(ring(t, algorithms...).JWKS()))
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(published, &set); err != nil {
		t.Fatal(err)
	}
	for _, alg := range algorithms {
		t.Run(alg, func(t *testing.T) {
			i, _ := newIssuer(t, ring(t, alg))
			token, _, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
			if err != nil {
				t.Fatal(err)
			}
			kid := members(t, strings.Split(token, ".")[0])["kid"]
			n := slices.IndexFunc(set.Keys, func(k map[string]string) bool { return k["kid"] == kid })
			if n < 0 {
				t.Fatalf("%v is not published", kid)
			}
			dot := strings.LastIndex(token, ".")
			signature := must1(base64.RawURLEncoding.DecodeString(token[dot+1:]))
			if !verifyWith(set.Keys[n], []byte(token[:dot]), signature) {
				t.Error("the signature does not verify")
			}
			if verifyWith(set.Keys[n], []byte("x"+token[:dot]), signature) {
				t.Error("the signature verifies for another text: this test cannot fail")
			}
		})
	}
}

// verifyWith verifies with a JWK (RFC 7518 §6.2, §6.3, RFC 8037 §2).
func verifyWith(jwk map[string]string, input, signature []byte) bool {
	member := func(name string) []byte { return must1(base64.RawURLEncoding.DecodeString(jwk[name])) }
	number := func(data []byte) *big.Int { return new(big.Int).SetBytes(data) }
	hash := sha256.Sum256(input)
	switch jwk["alg"] {
	case "ES256":
		point := slices.Concat([]byte{4}, member("x"), member("y"))
		public := must1(ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point))
		return ecdsa.Verify(public, hash[:], number(signature[:32]), number(signature[32:]))
	case "RS256":
		public := &rsa.PublicKey{N: number(member("n")), E: int(number(member("e")).Int64())}
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], signature) == nil
	default:
		return ed25519.Verify(member("x"), input, signature)
	}
}

func TestNewIssuerRefuses(t *testing.T) {
	for _, tc := range []struct {
		name  string
		alter func(cfg *tokens.Config)
	}{
		{"no issuer", func(cfg *tokens.Config) { cfg.Issuer = "" }},
		{"no audience", func(cfg *tokens.Config) { cfg.Audience = "" }},
		{"no keys", func(cfg *tokens.Config) { cfg.Keys = nil }},
		{"no lifetime", func(cfg *tokens.Config) { cfg.TTL = 0 }},
		{"a lifetime below a second", func(cfg *tokens.Config) { cfg.TTL = time.Second - 1 }},
		{"no clock", func(cfg *tokens.Config) { cfg.Now = nil }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := tokens.Config{
				Issuer: testIssuer, Audience: testAudience, Keys: ring(t, "ES256"), TTL: time.Second, Now: time.Now,
			}
			if _, err := tokens.NewIssuer(cfg); err != nil {
				t.Fatal(err)
			}
			tc.alter(&cfg)
			if _, err := tokens.NewIssuer(cfg); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestIssueExpiresNoLaterThanAsked(t *testing.T) {
	i, c := newIssuer(t, ring(t, "ES256"))
	end := start.Truncate(time.Second).Add(time.Minute)
	token, claims, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web", SessionID: "7", NotAfter: end})
	if err != nil {
		t.Fatal(err)
	}
	if !claims.ExpiresAt.Equal(end) || claims.SessionID != "7" {
		t.Errorf("expires at %s, want %s; session %q", claims.ExpiresAt, end, claims.SessionID)
	}
	if got, err := i.Verify(token); err != nil || got.SessionID != "7" {
		t.Errorf("%+v, %v", got, err)
	}
	c.now = end
	if _, err := i.Verify(token); !errors.Is(err, tokens.ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
}

package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

const (
	testIssuer   = "https://login.example.com"
	testAudience = "https://api.example.com"
	testTTL      = 30 * time.Minute
)

// start has a fraction of a second and a zone, neither of which a token keeps.
var start = time.Date(2026, 3, 1, 12, 0, 0, 900_000_000, time.FixedZone("", 3*3600))

// Keys are made once: an RSA key takes a good part of a second.
var (
	ecKey  = sync.OnceValue(func() *ecdsa.PrivateKey { return must1(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must1(rsa.GenerateKey(rand.Reader, 2048)) })
	edKey  = sync.OnceValue(func() ed25519.PrivateKey {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		must(err)
		return private
	})
)

func keyFor(alg string) crypto.Signer {
	switch alg {
	case "ES256":
		return ecKey()
	case "RS256":
		return rsaKey()
	default:
		return edKey()
	}
}

var algorithms = []string{"ES256", "RS256", "EdDSA"}

// must stops a set-up that runs outside of any test.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must1[T any](v T, err error) T {
	must(err)
	return v
}

// pkcs8 writes keys one after the other, as in a key file.
func pkcs8(keys ...any) []byte {
	var text []byte
	for _, key := range keys {
		der := must1(x509.MarshalPKCS8PrivateKey(key))
		text = append(text, block("PRIVATE KEY", der)...)
	}
	return text
}

func block(typ string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der})
}

// ring is a key set of the keys of these algorithms, in this order.
func ring(tb testing.TB, algs ...string) *tokens.KeySet {
	tb.Helper()
	var keys []any
	for _, alg := range algs {
		keys = append(keys, keyFor(alg))
	}
	set, err := tokens.ParseKeys(pkcs8(keys...))
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// clock is a clock that stands still until it is told otherwise.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newIssuer(tb testing.TB, keys *tokens.KeySet) (*tokens.Issuer, *clock) {
	tb.Helper()
	c := &clock{now: start}
	i, err := tokens.NewIssuer(tokens.Config{
		Issuer: testIssuer, Audience: testAudience, Keys: keys, TTL: testTTL, Now: c.Now,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return i, c
}

// forgery is a token in the making, signed without any code of the package.
type forgery struct {
	header, claims map[string]any
	sign           func(input []byte) []byte
}

// genuine is a forgery that nothing is wrong with yet.
func genuine(tb testing.TB, alg string) *forgery {
	tb.Helper()
	return &forgery{
		header: map[string]any{"alg": alg, "typ": "at+jwt", "kid": ring(tb, alg).JWKS().Keys[0].KeyID},
		claims: map[string]any{
			"iss": testIssuer, "aud": testAudience, "sub": "42", "client_id": "web", "jti": "7",
			"scope": "items:read items:write",
			"iat":   start.Unix(), "exp": start.Add(testTTL).Unix(),
		},
		sign: signWith(keyFor(alg)),
	}
}

func (f *forgery) token() string {
	return compact(must1(json.Marshal(f.header)), must1(json.Marshal(f.claims)), f.sign)
}

// compact is a compact JWS (RFC 7515 §7.1).
func compact(header, claims []byte, sign func([]byte) []byte) string {
	input := b64(header) + "." + b64(claims)
	return input + "." + b64(sign([]byte(input)))
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// signWith signs as RFC 7518 §3.3, §3.4 and RFC 8037 §3.1 say.
func signWith(key crypto.Signer) func([]byte) []byte {
	return func(input []byte) []byte {
		hash := sha256.Sum256(input)
		switch k := key.(type) {
		case *ecdsa.PrivateKey:
			r, s, err := ecdsa.Sign(rand.Reader, k, hash[:])
			must(err)
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		case *rsa.PrivateKey:
			return must1(rsa.SignPKCS1v15(nil, k, crypto.SHA256, hash[:]))
		default:
			return must1(k.Sign(nil, input, crypto.Hash(0)))
		}
	}
}

package tokens_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"latchkey/internal/tokens"
)

// wantReason checks how Verify refused a token. The whole text is compared, so
// that no part of a token can hide in it.
func wantReason(t *testing.T, i *tokens.Issuer, token, reason string) {
	t.Helper()
	claims, err := i.Verify(token)
	if err == nil {
		t.Fatalf("accepted: %+v", claims)
	}
	if want := "invalid token: " + reason; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, tokens.ErrInvalid) {
		t.Errorf("%v does not wrap ErrInvalid", err)
	}
	if got, want := errors.Is(err, tokens.ErrExpired), reason == "expired"; got != want {
		t.Errorf("Is(%v, ErrExpired) is %t", err, got)
	}
	if claims.Subject != "" || claims.ID != "" {
		t.Errorf("claims came with the error: %+v", claims)
	}
}

func TestVerifyAccepts(t *testing.T) {
	for _, tc := range []struct {
		name  string
		alter func(f *forgery)
	}{
		{"as issued", func(*forgery) {}},
		{"typ in capitals", func(f *forgery) { f.header["typ"] = "AT+JWT" }},
		{"typ as a full media type", func(f *forgery) { f.header["typ"] = "Application/AT+jwt" }},
		{"unknown header, to be ignored", func(f *forgery) { f.header["x-trace"] = "1" }},
		{"our audience among others", func(f *forgery) { f.claims["aud"] = []string{"https://a.example", testAudience} }},
		{"iat a little ahead", func(f *forgery) { f.claims["iat"] = start.Unix() + 60 }},
		{"nbf a little ahead", func(f *forgery) { f.claims["nbf"] = start.Unix() + 60 }},
		{"exp in a second", func(f *forgery) { f.claims["exp"] = start.Unix() + 1 }},
		{"unknown claim", func(f *forgery) { f.claims["acr"] = "1" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, _ := newIssuer(t, ring(t, "ES256"))
			f := genuine(t, "ES256")
			tc.alter(f)
			claims, err := i.Verify(f.token())
			if err != nil {
				t.Fatal(err)
			}
			if claims.Subject != "42" || claims.ClientID != "web" || claims.ID != "7" ||
				!slices.Equal(claims.Scopes, []string{"items:read", "items:write"}) {
				t.Errorf("got %+v", claims)
			}
		})
	}
}

// TestVerifyRefusesClaims: everything is in order, the signature too, save one
// claim.
func TestVerifyRefusesClaims(t *testing.T) {
	now := start.Unix()
	for _, tc := range []struct {
		name, claim string
		value       any // nil takes the claim away
		reason      string
	}{
		{"no iss", "iss", nil, "issuer"},
		{"wrong iss", "iss", "https://evil.example", "issuer"},
		{"iss with a slash more", "iss", testIssuer + "/", "issuer"},
		{"iss a list", "iss", []string{testIssuer}, "claims"},
		{"no aud", "aud", nil, "audience"},
		{"wrong aud", "aud", "https://evil.example", "audience"},
		{"aud without us", "aud", []string{"https://a.example", "https://b.example"}, "audience"},
		{"empty aud", "aud", []string{}, "audience"},
		{"aud an object", "aud", map[string]any{testAudience: true}, "claims"},
		{"no sub", "sub", nil, "claims"},
		{"empty sub", "sub", "", "claims"},
		{"sub a number", "sub", 42, "claims"},
		{"no jti", "jti", nil, "claims"},
		{"empty jti", "jti", "", "claims"},
		{"no client_id", "client_id", nil, "claims"},
		{"empty client_id", "client_id", "", "claims"},
		{"scope a list", "scope", []string{"items:read"}, "claims"},
		{"scope a number", "scope", 1, "claims"},
		{"no iat", "iat", nil, "claims"},
		{"iat a text", "iat", "1", "claims"},
		{"iat in the far future", "iat", now + 3600, "not valid yet"},
		{"iat just too far ahead", "iat", now + 61, "not valid yet"},
		{"nbf in the future", "nbf", now + 61, "not valid yet"},
		{"nbf out of range", "nbf", 1e19, "claims"},
		{"no exp", "exp", nil, "claims"},
		{"exp a text", "exp", "4000000000", "claims"},
		{"exp out of range", "exp", 1e300, "claims"},
		{"exp negative", "exp", -1, "expired"},
		{"exp now", "exp", now, "expired"},
		{"exp long ago", "exp", now - 3600, "expired"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, c := newIssuer(t, ring(t, "ES256"))
			c.now = time.Unix(now, 0)
			f := genuine(t, "ES256")
			f.claims[tc.claim] = tc.value
			if tc.value == nil {
				delete(f.claims, tc.claim)
			}
			wantReason(t, i, f.token(), tc.reason)
		})
	}
}

// TestVerifyRefusesHeader: the signature is made with our key over exactly this
// header, and still the header must not pass.
func TestVerifyRefusesHeader(t *testing.T) {
	jwk := must1(json.Marshal(ring(t, "ES256").JWKS().Keys[0]))
	rsaID := ring(t, "RS256").JWKS().Keys[0].KeyID
	for _, tc := range []struct {
		name, member string
		value        any // nil takes the member away
		reason       string
	}{
		{"no kid", "kid", nil, "unknown key"},
		{"empty kid", "kid", "", "unknown key"},
		{"unknown kid", "kid", "../../etc/passwd", "unknown key"},
		{"kid of another key", "kid", rsaID, "algorithm"},
		{"kid a number", "kid", 1, "header"},
		{"no alg", "alg", nil, "algorithm"},
		{"alg none", "alg", "none", "algorithm"},
		{"alg of another key", "alg", "RS256", "algorithm"},
		{"alg in small letters", "alg", "es256", "algorithm"},
		{"alg a list", "alg", []string{"ES256"}, "header"},
		{"no typ", "typ", nil, "type"},
		{"typ JWT", "typ", "JWT", "type"},
		{"typ of an ID token", "typ", "application/jwt", "type"},
		{"typ a list", "typ", []string{"at+jwt"}, "header"},
		{"crit", "crit", []string{"exp"}, "header"},
		{"crit empty", "crit", []string{}, "header"},
		{"crit null", "crit", json.RawMessage("null"), "header"},
		{"crit of what go-jose knows", "crit", []string{"b64"}, "header"},
		{"b64", "b64", true, "header"},
		{"jwk", "jwk", json.RawMessage(jwk), "header"},
		{"jku", "jku", "https://evil.example/jwks.json", "header"},
		{"x5c", "x5c", []string{}, "header"},
		{"x5u", "x5u", "https://evil.example/cert.pem", "header"},
		{"header that go-jose cannot read", "nonce", 5, "header"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, _ := newIssuer(t, ring(t, "ES256", "RS256"))
			f := genuine(t, "ES256")
			f.header[tc.member] = tc.value
			if tc.value == nil {
				delete(f.header, tc.member)
			}
			wantReason(t, i, f.token(), tc.reason)
		})
	}
}

// TestVerifyRefusesOtherKeys: tokens signed with what an attacker has.
func TestVerifyRefusesOtherKeys(t *testing.T) {
	private := ecKey()
	der := must1(x509.MarshalPKIXPublicKey(&private.PublicKey))
	own := must1(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	ownJWK := jose.JSONWebKey{Key: &own.PublicKey}
	mac := func(key []byte) func([]byte) []byte {
		return func(input []byte) []byte {
			h := hmac.New(sha256.New, key)
			h.Write(input)
			return h.Sum(nil)
		}
	}
	constant := func(n int) func([]byte) []byte { return func([]byte) []byte { return make([]byte, n) } }
	for _, tc := range []struct {
		name, alg string
		sign      func([]byte) []byte
		jwk       *jose.JSONWebKey
		reason    string
	}{
		{"none", "none", constant(0), nil, "algorithm"},
		{"None", "None", constant(0), nil, "algorithm"},
		{"HS256 with the public key's DER", "HS256", mac(der), nil, "algorithm"},
		{"HS256 with the public key's PEM", "HS256", mac(block("PUBLIC KEY", der)), nil, "algorithm"},
		{"HMAC that calls itself ES256", "ES256", mac(der), nil, "signature"},
		{"no signature", "ES256", constant(0), nil, "signature"},
		{"zero signature", "ES256", constant(64), nil, "signature"},
		{"ASN.1 signature", "ES256", func(in []byte) []byte {
			hash := sha256.Sum256(in)
			return must1(ecdsa.SignASN1(rand.Reader, private, hash[:]))
		}, nil, "signature"},
		{"own key under our kid", "ES256", signWith(own), nil, "signature"},
		{"own key, embedded", "ES256", signWith(own), &ownJWK, "header"},
		{"another key of ours", "ES256", signWith(edKey()), nil, "signature"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, _ := newIssuer(t, ring(t, "ES256", "EdDSA"))
			f := genuine(t, "ES256")
			f.header["alg"], f.sign = tc.alg, tc.sign
			if tc.jwk != nil {
				f.header["jwk"] = tc.jwk
			}
			wantReason(t, i, f.token(), tc.reason)
		})
	}
}

// TestVerifyRefusesText: a good token, spelled otherwise or damaged.
func TestVerifyRefusesText(t *testing.T) {
	i, _ := newIssuer(t, ring(t, "ES256"))
	good, _, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web", Scopes: []string{"items:read"}})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	jws := must1(jose.ParseSignedCompact(good, []jose.SignatureAlgorithm{jose.ES256}))
	head, claims, signature := parts[0], parts[1], parts[2]
	for _, tc := range []struct{ name, token, reason string }{
		{"empty", "", "malformed"},
		{"dots", "..", "header"},
		{"one part", head, "malformed"},
		{"two parts", head + "." + claims, "malformed"},
		{"four parts", good + ".", "malformed"},
		{"JWE", encrypted(t, good), "malformed"},
		{"JSON serialization", jws.FullSerialize(), "malformed"},
		{"scheme in front", "Bearer " + good, "malformed"},
		{"space in front", " " + good, "malformed"},
		{"line break behind", good + "\n", "malformed"},
		{"line break inside", head + "." + claims[:8] + "\r\n" + claims[8:] + "." + signature, "malformed"},
		{"padding", good + "==", "malformed"},
		{"standard base64", head + "." + claims + ".+/" + signature[2:], "malformed"},
		{"stray last bits", good[:len(good)-1] + nextLetter(good[len(good)-1]), "malformed"},
		{"not ASCII", head + "." + claims + ".é" + signature, "malformed"},
		{"signature cut short", good[:len(good)-2], "signature"}, // 63 bytes, no bits left over
		{"claims cut short", head + "." + claims[:len(claims)/4*4-4] + "." + signature, "signature"},
		{"no claims", head + ".." + signature, "signature"},
		{"header not JSON", b64([]byte("hello")) + "." + claims + "." + signature, "header"},
		{"header null", b64([]byte("null")) + "." + claims + "." + signature, "unknown key"},
		{"huge", strings.Repeat("A", 1<<20), "malformed"},
		{"huge, in three parts", head + "." + strings.Repeat("A", tokens.MaxLength) + "." + signature, "malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantReason(t, i, tc.token, tc.reason) })
	}
}

// nextLetter changes the last letter of a 64 byte signature in bits that no
// byte is made of.
func nextLetter(last byte) string { return string(last + 1) }

func encrypted(t *testing.T, text string) string {
	t.Helper()
	recipient := jose.Recipient{Algorithm: jose.DIRECT, Key: make([]byte, 16)}
	encrypter := must1(jose.NewEncrypter(jose.A128GCM, recipient, nil))
	return must1(must1(encrypter.Encrypt([]byte(text))).CompactSerialize())
}

// TestVerifyRefusesDuplicates: JSON parsers disagree on which of two members
// counts, so neither does.
func TestVerifyRefusesDuplicates(t *testing.T) {
	i, _ := newIssuer(t, ring(t, "ES256"))
	f := genuine(t, "ES256")
	header, claims := must1(json.Marshal(f.header)), must1(json.Marshal(f.claims))
	double := func(object []byte, member string) []byte {
		return append([]byte("{"+member+","), object[1:]...)
	}
	for _, tc := range []struct {
		name           string
		header, claims []byte
		reason         string
	}{
		{"alg", double(header, `"alg":"none"`), claims, "header"},
		{"kid", double(header, `"kid":"x"`), claims, "header"},
		{"escaped kid", double(header, `"k\u0069d":"x"`), claims, "header"},
		{"sub", header, double(claims, `"sub":"1"`), "claims"},
		{"scope", header, double(claims, `"scope":"users:write"`), "claims"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantReason(t, i, compact(tc.header, tc.claims, f.sign), tc.reason)
		})
	}
	t.Run("claims that are no object", func(t *testing.T) {
		wantReason(t, i, compact(header, []byte(`["sub"]`), f.sign), "claims")
	})
	t.Run("other spelling is another member", func(t *testing.T) {
		claims, err := i.Verify(compact(header, double(claims, `"SUB":"1"`), f.sign))
		if err != nil || claims.Subject != "42" {
			t.Errorf("got %+v, %v", claims, err)
		}
	})
}

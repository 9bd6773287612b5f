package tokens_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

// FuzzVerify: no text but the tokens we issued is ever accepted.
func FuzzVerify(f *testing.F) {
	i, _ := newIssuer(f, ring(f, algorithms...))
	issued := map[string]bool{}
	for _, alg := range algorithms {
		one, _ := newIssuer(f, ring(f, alg))
		token, _, err := one.Issue(tokens.Grant{Subject: "42", ClientID: "web", Scopes: []string{"items:read"}})
		if err != nil {
			f.Fatal(err)
		}
		issued[token] = true
		f.Add(token)
		f.Add(token + "=")
		f.Add(strings.Replace(token, ".", "..", 1))
	}
	f.Add("")
	f.Add("..")
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := i.Verify(token)
		if err == nil && !issued[token] {
			t.Errorf("accepted %q", token)
		}
		if err != nil && !errors.Is(err, tokens.ErrInvalid) {
			t.Errorf("%v does not wrap ErrInvalid", err)
		}
	})
}

// FuzzVerifySigned signs whatever header and claims it is given, to reach what
// lies behind the signature. What is accepted must read the same to another
// JSON parser.
func FuzzVerifySigned(f *testing.F) {
	i, _ := newIssuer(f, ring(f, "EdDSA"))
	seed := genuine(f, "EdDSA")
	header, claims := must1(json.Marshal(seed.header)), must1(json.Marshal(seed.claims))
	f.Add(header, claims)
	f.Add(header, []byte(`{"exp":1e300,"aud":[],"scope":null}`))
	f.Add([]byte(`{"alg":"none","crit":null}`), claims)
	f.Fuzz(func(t *testing.T, header, claims []byte) {
		got, err := i.Verify(compact(header, claims, seed.sign))
		if err != nil {
			return
		}
		var h struct{ Alg, Kid string }
		var c struct {
			Iss, Sub, Jti, Scope string
			ClientID             string `json:"client_id"`
			Exp                  float64
		}
		if json.Unmarshal(header, &h) != nil || json.Unmarshal(claims, &c) != nil {
			t.Fatalf("accepted %q, %q", header, claims)
		}
		if h.Alg != "EdDSA" || h.Kid != seed.header["kid"] || c.Iss != testIssuer ||
			got.Subject != c.Sub || got.ID != c.Jti || got.ClientID != c.ClientID ||
			c.Sub == "" || c.Jti == "" || c.ClientID == "" ||
			!got.ExpiresAt.After(start) || time.Unix(int64(c.Exp), 0).Before(start) {
			t.Errorf("accepted %q, %q as %+v", header, claims, got)
		}
	})
}

package tokens_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/tokens"
)

func sec1(key *ecdsa.PrivateKey) []byte {
	return block("EC PRIVATE KEY", must1(x509.MarshalECPrivateKey(key)))
}

func TestParseKeys(t *testing.T) {
	ec, rs := ecKey(), rsaKey()
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rs))
	for _, tc := range []struct {
		name string
		text []byte
		algs []string
	}{
		{"PKCS#8", pkcs8(ec), []string{"ES256"}},
		{"SEC1", sec1(ec), []string{"ES256"}},
		{"PKCS#1", pkcs1, []string{"RS256"}},
		{"Ed25519", pkcs8(edKey()), []string{"EdDSA"}},
		{"order is kept", pkcs8(rs, ec, edKey()), []string{"RS256", "ES256", "EdDSA"}},
		{"parameters of openssl ecparam", slices.Concat(block("EC PARAMETERS", []byte{6, 0}), sec1(ec)), []string{"ES256"}},
		{"Windows line ends", bytes.ReplaceAll(pkcs8(ec), []byte("\n"), []byte("\r\n")), []string{"ES256"}},
		{"blank lines between", slices.Concat([]byte("\n"), pkcs8(ec), []byte("\n \n"), pkcs8(rs), []byte("\n\n")), []string{"ES256", "RS256"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set, err := tokens.ParseKeys(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			var algs []string
			for _, k := range set.JWKS().Keys {
				algs = append(algs, k.Algorithm)
			}
			if !slices.Equal(algs, tc.algs) {
				t.Errorf("got %v, want %v", algs, tc.algs)
			}
		})
	}
}

// badKeys are texts that ParseKeys refuses, and what the error has to say.
func badKeys() map[string]struct {
	text []byte
	want string
} {
	type bad = struct {
		text []byte
		want string
	}
	ec := ecKey()
	good, other := pkcs8(ec), pkcs8(edKey())
	p384 := must1(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	public := block("PUBLIC KEY", must1(x509.MarshalPKIXPublicKey(&ec.PublicKey)))
	locked := pem.EncodeToMemory(&pem.Block{
		Type: "EC PRIVATE KEY", Bytes: make([]byte, 64),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"},
	})
	noEnd := bytes.Replace(good, []byte("-----END"), []byte("----END"), 1)
	return map[string]bad{
		"nothing":                {nil, "no private key"},
		"white space":            {[]byte(" \n"), "no private key"},
		"parameters alone":       {block("EC PARAMETERS", []byte{6, 0}), "no private key"},
		"no PEM":                 {[]byte("correct horse battery staple"), "block 1: damaged"},
		"DER":                    {must1(x509.MarshalPKCS8PrivateKey(ec)), "block 1: damaged"},
		"text behind":            {slices.Concat(good, []byte("battery staple")), "block 2: damaged"},
		"text in front":          {slices.Concat([]byte("battery staple\n"), good), "block 1: damaged"},
		"text between":           {slices.Concat(good, []byte("battery staple\n"), other), "block 2: damaged"},
		"first block damaged":    {slices.Concat(noEnd, other), "block 1: damaged"},
		"cut short":              {good[:len(good)/2], "block 1: damaged"},
		"second block cut short": {slices.Concat(good, other[:len(other)-10]), "block 2: damaged"},
		"public key":             {public, `block 1: "PUBLIC KEY" is not a private key`},
		"certificate beside it":  {slices.Concat(good, block("CERTIFICATE", []byte{1})), `block 2: "CERTIFICATE" is not`},
		"encrypted PKCS#8":       {block("ENCRYPTED PRIVATE KEY", make([]byte, 64)), "block 1: the key is encrypted"},
		"encrypted SEC1":         {locked, "block 1: the key is encrypted"},
		"P-384":                  {pkcs8(p384), "block 1: curve P-384"},
		"P-384 as SEC1":          {sec1(p384), "block 1: curve P-384"},
		"RSA of 1024 bits":       {pkcs8(must1(rsa.GenerateKey(rand.Reader, 1024))), "block 1: an RSA key of 1024 bits"},
		"X25519":                 {pkcs8(must1(ecdh.X25519().GenerateKey(rand.Reader))), "block 1: not a P-256"},
		"junk in a block":        {block("PRIVATE KEY", []byte("battery staple")), "block 1: not a key"},
		"SEC1 as PKCS#8":         {bytes.ReplaceAll(sec1(ec), []byte("EC PRIVATE"), []byte("PRIVATE")), "block 1: not a key"},
		"twice":                  {slices.Concat(good, other, good), "block 3: the same key"},
		"twice, in two formats":  {slices.Concat(good, sec1(ec)), "block 2: the same key"},
	}
}

func TestParseKeysRefuses(t *testing.T) {
	for name, tc := range badKeys() {
		t.Run(name, func(t *testing.T) {
			_, err := tokens.ParseKeys(tc.text)
			wantKeyError(t, err, tc.text, tc.want)
		})
	}
}

// wantKeyError checks an error's words, and that it quotes nothing of the text
// but the type of a block.
func wantKeyError(t *testing.T, err error, text []byte, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q in it", err, want)
	}
	for line := range strings.FieldsSeq(string(text)) {
		if len(line) >= 12 && !strings.HasPrefix(line, "----") && strings.Contains(err.Error(), line) {
			t.Errorf("%q quotes the file", err)
		}
	}
	if strings.Contains(err.Error(), "battery") {
		t.Errorf("%q quotes the file", err)
	}
}

// TestJWKS names every member that may be published; d, p, q and their like
// are not among them.
func TestJWKS(t *testing.T) {
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	published := must1(json.Marshal(ring(t, algorithms...).JWKS()))
	if err := json.Unmarshal(published, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != len(algorithms) {
		t.Fatalf("%d keys: %s", len(set.Keys), published)
	}
	for n, want := range [][]string{
		{"alg", "crv", "kid", "kty", "use", "x", "y"},
		{"alg", "e", "kid", "kty", "n", "use"},
		{"alg", "crv", "kid", "kty", "use", "x"},
	} {
		key := set.Keys[n]
		if got := slices.Sorted(maps.Keys(key)); !slices.Equal(got, want) {
			t.Errorf("%s has members %v, want %v", algorithms[n], got, want)
		}
		if key["alg"] != algorithms[n] || key["use"] != "sig" {
			t.Errorf("got alg %q, use %q, want %q, sig", key["alg"], key["use"], algorithms[n])
		}
	}
}

// TestJWKSIsACopy: a caller cannot change the set through what is published.
func TestJWKSIsACopy(t *testing.T) {
	set := ring(t, "ES256")
	want := set.JWKS().Keys[0].KeyID
	set.JWKS().Keys[0].KeyID = "changed"
	if got := set.JWKS().Keys[0].KeyID; got != want {
		t.Errorf("kid is now %q", got)
	}
}

// TestThumbprint uses the key of RFC 8037 appendix A.1, whose thumbprint is in
// A.3.
func TestThumbprint(t *testing.T) {
	seed := must1(base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
	set, err := tokens.ParseKeys(pkcs8(ed25519.NewKeyFromSeed(seed)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := set.JWKS().Keys[0].KeyID, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

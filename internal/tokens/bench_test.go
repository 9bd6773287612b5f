package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"strings"
	"testing"

	"latchkey/internal/tokens"
)

func BenchmarkIssue(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(alg, func(b *testing.B) {
			i, _ := newIssuer(b, ring(b, alg))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web", Scopes: []string{"items:read", "items:write"}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(alg, func(b *testing.B) {
			i, _ := newIssuer(b, ring(b, alg))
			token := genuine(b, alg).token()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := i.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSignatureAlone is the floor under BenchmarkVerify.
func BenchmarkSignatureAlone(b *testing.B) {
	input := make([]byte, 400)
	hash := sha256.Sum256(input)
	for _, alg := range algorithms {
		signature := signWith(keyFor(alg))(input)
		b.Run(alg, func(b *testing.B) {
			for b.Loop() {
				switch public := keyFor(alg).Public().(type) {
				case *ecdsa.PublicKey:
					r, s := signature[:32], signature[32:]
					if !ecdsa.Verify(public, hash[:], new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)) {
						b.Fatal("bad signature")
					}
				case *rsa.PublicKey:
					if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], signature); err != nil {
						b.Fatal(err)
					}
				case ed25519.PublicKey:
					if !ed25519.Verify(public, input, signature) {
						b.Fatal("bad signature")
					}
				}
			}
		})
	}
}

// BenchmarkRefuse: what a flood of bad tokens costs.
func BenchmarkRefuse(b *testing.B) {
	i, _ := newIssuer(b, ring(b, "ES256"))
	otherKey := genuine(b, "EdDSA").token()
	for _, tc := range []struct{ name, token string }{
		{"garbage", "not-a-token"},
		{"too long", strings.Repeat("A", 1<<20)},
		{"8 KiB of base64", "e30." + strings.Repeat("A", 8000) + ".AAAA"},
		{"unknown key", otherKey},
	} {
		b.Run(tc.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := i.Verify(tc.token); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

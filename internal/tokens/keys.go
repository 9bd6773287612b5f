package tokens

import (
	"crypto"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// tokenType is the "typ" of every token we sign (RFC 9068 §2.1). It keeps an
// access token from being taken for another kind of JWT, and the reverse.
const tokenType = "at+jwt"

// PublicKeys is a key set as it is published (RFC 7517 §5).
type PublicKeys = jose.JSONWebKeySet

// KeySet is a set of signing keys. The first one signs, all of them verify,
// retired ones for as long as a token can need them. It never changes after it
// was made, so it is safe for concurrent use.
type KeySet struct {
	keys []*key
	byID map[string]*key
	file fs.FileInfo // of the file it was read from, if any
}

// key is one private key, ready to sign, and its public half.
type key struct {
	public jose.JSONWebKey
	signer jose.Signer
	algs   []jose.SignatureAlgorithm // the only one this key may be used with

	block   *pem.Block // what it was read from
	retired time.Time  // when it ceased to sign, or zero
}

// ParseKeys reads the private keys of a PEM text: P-256 (ES256), RSA of 2048
// bits or more (RS256) or Ed25519 (EdDSA), as PKCS#8, SEC1 or PKCS#1.
//
// A header "Retired: 2026-01-02T15:04:05Z" on any key but the first says when it
// ceased to sign; one without it verifies for ever.
//
// Anything else in the text is an error that gives the number of the block,
// counted from 1, and never a part of a key. So are a key that stands there
// twice, and no key at all.
func ParseKeys(pemText []byte) (*KeySet, error) {
	blocks, err := splitPEM(pemText)
	if err != nil {
		return nil, err
	}
	set := &KeySet{byID: make(map[string]*key)}
	for i, block := range blocks {
		if block.Type == ecParameters {
			continue
		}
		if err := set.add(block); err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", i+1, err)
		}
	}
	if len(set.keys) == 0 {
		return nil, errors.New("no private key in it")
	}
	set.keys[0].retired = time.Time{} // it signs, so whoever put it first took it back
	return set, nil
}

// add appends the private key of a block.
func (s *KeySet) add(block *pem.Block) error {
	private, err := privateKey(block)
	if err != nil {
		return err
	}
	k, err := newKey(private)
	if err != nil {
		return err
	}
	if _, taken := s.byID[k.public.KeyID]; taken {
		return errors.New("the same key stands in an earlier block")
	}
	k.block = block
	if k.retired, err = retiredAt(block); err != nil {
		return err
	}
	s.byID[k.public.KeyID] = k
	s.keys = append(s.keys, k)
	return nil
}

// JWKS returns the public keys as a key set to publish (RFC 7517 §5), the
// signing key first.
func (s *KeySet) JWKS() PublicKeys {
	public := make([]jose.JSONWebKey, len(s.keys))
	for i, k := range s.keys {
		public[i] = k.public
	}
	return jose.JSONWebKeySet{Keys: public}
}

// Exposed reports whether the file the set was read from is open to its group
// or to others. It is not an error, because that is how Kubernetes mounts
// secrets, but it deserves a warning in the log.
func (s *KeySet) Exposed() bool { return s.file != nil && isExposed(s.file) }

// newKey names the private key by its thumbprint (RFC 7638) and ties it to the
// one algorithm that suits it.
func newKey(private crypto.PrivateKey) (*key, error) {
	alg, err := algorithmFor(private)
	if err != nil {
		return nil, err
	}
	jwk := jose.JSONWebKey{Key: private, Algorithm: string(alg), Use: "sig"}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: alg, Key: jwk},
		new(jose.SignerOptions).WithType(tokenType),
	)
	if err != nil {
		return nil, err
	}
	return &key{public: jwk.Public(), signer: signer, algs: []jose.SignatureAlgorithm{alg}}, nil
}

package tokens

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// minRSABits is the least RSA modulus that RS256 may use (RFC 7518 §3.3).
const minRSABits = 2048

// ecParameters is the type of a block that `openssl ecparam -genkey` writes in
// front of the key. It only repeats the curve's name.
const ecParameters = "EC PARAMETERS"

var pemBegin = []byte("-----BEGIN ")

// splitPEM cuts a text into its PEM blocks. Only white space may stand between
// them: pem.Decode alone would step over a damaged block in silence, and the
// key after it would begin to sign.
func splitPEM(text []byte) ([]*pem.Block, error) {
	var blocks []*pem.Block
	for {
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			return blocks, nil
		}
		block, rest := pem.Decode(text)
		taken := text[:len(text)-len(rest)]
		if block == nil || !bytes.HasPrefix(taken, pemBegin) || bytes.Count(taken, pemBegin) != 1 {
			return nil, fmt.Errorf("PEM block %d: damaged, or text that is no PEM block", len(blocks)+1)
		}
		blocks = append(blocks, block)
		text = rest
	}
}

// privateKey decodes one block. The decoder's own error is dropped: nothing
// promises that it never quotes what it could not read.
func privateKey(block *pem.Block) (crypto.PrivateKey, error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("the key is encrypted; a key without a passphrase is needed")
	}
	var private crypto.PrivateKey
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%.40q is not a private key", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("not a key that can be read as %q", block.Type)
	}
	return private, nil
}

// algorithmFor gives the one algorithm a key is used with, or an error for a
// key that we do not sign with.
func algorithmFor(private crypto.PrivateKey) (jose.SignatureAlgorithm, error) {
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		if k.Curve != elliptic.P256() {
			return "", fmt.Errorf("curve %s is not supported, P-256 is", k.Curve.Params().Name)
		}
		return jose.ES256, nil
	case *rsa.PrivateKey:
		if bits := k.N.BitLen(); bits < minRSABits {
			return "", fmt.Errorf("an RSA key of %d bits is too short, %d is the least", bits, minRSABits)
		}
		return jose.RS256, nil
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	default:
		return "", errors.New("not a P-256, RSA or Ed25519 key")
	}
}

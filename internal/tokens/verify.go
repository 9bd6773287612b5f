package tokens

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// skew is how far the clock of another instance may run ahead of ours before
// its tokens count as not valid yet. Expiry knows no such grace.
const skew = time.Minute

// Every error of Verify is one of these. Their texts are fixed, so that they
// can be logged without leaking any part of a token.
var (
	// ErrInvalid is wrapped by every error of Verify.
	ErrInvalid = errors.New("invalid token")
	// ErrExpired means a genuine token of ours whose time is over.
	ErrExpired = fmt.Errorf("%w: expired", ErrInvalid)

	errMalformed   = fmt.Errorf("%w: malformed", ErrInvalid)
	errHeader      = fmt.Errorf("%w: header", ErrInvalid)
	errKey         = fmt.Errorf("%w: unknown key", ErrInvalid)
	errAlgorithm   = fmt.Errorf("%w: algorithm", ErrInvalid)
	errType        = fmt.Errorf("%w: type", ErrInvalid)
	errSignature   = fmt.Errorf("%w: signature", ErrInvalid)
	errClaims      = fmt.Errorf("%w: claims", ErrInvalid)
	errIssuer      = fmt.Errorf("%w: issuer", ErrInvalid)
	errAudience    = fmt.Errorf("%w: audience", ErrInvalid)
	errNotYetValid = fmt.Errorf("%w: not valid yet", ErrInvalid)
)

// Verify checks a token as RFC 9068 §4 demands and returns what it says. It
// takes nothing on the token's own word: the key and its algorithm are ours.
//
// Every error wraps ErrInvalid, and ErrExpired too when the token was good
// once; its text is a short reason that is safe to log.
//
// Know a token by its Claims.ID, not by its text: whoever holds an ES256
// signature can turn it into a second valid one.
func (i *Issuer) Verify(token string) (Claims, error) {
	h, err := readHeader(token)
	if err != nil {
		return Claims{}, err
	}
	k, err := i.pick(h)
	if err != nil {
		return Claims{}, err
	}
	text, err := k.verify(token)
	if err != nil {
		return Claims{}, err
	}
	var p payload
	if json.Unmarshal(text, &p) != nil {
		return Claims{}, errClaims
	}
	if err := i.check(&p); err != nil {
		return Claims{}, err
	}
	return p.claims(), nil
}

// header is the JOSE header of a token that nobody has verified yet.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`

	// What would bring in a key of the token's own, or change how it is
	// verified (RFC 7515 §4.1, RFC 7797 §3). Their presence is enough to
	// refuse it, before go-jose spends time on parsing them.
	JWK  json.RawMessage `json:"jwk"`
	JKU  json.RawMessage `json:"jku"`
	X5C  json.RawMessage `json:"x5c"`
	X5U  json.RawMessage `json:"x5u"`
	B64  json.RawMessage `json:"b64"`
	Crit json.RawMessage `json:"crit"`
}

// readHeader takes the header out of a compact JWS of exactly three parts.
func readHeader(token string) (header, error) {
	if len(token) > MaxLength {
		return header{}, errMalformed
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return header{}, errMalformed
	}
	var decoded [3][]byte
	for n, part := range parts {
		var err error
		if decoded[n], err = decodeStrictly(part); err != nil {
			return header{}, errMalformed
		}
	}
	var h header
	if json.Unmarshal(decoded[0], &h) != nil {
		return header{}, errHeader
	}
	return h, nil
}

// decodeStrictly decodes base64url without padding (RFC 7515 §2). The plain
// decoder, which go-jose uses, also reads line breaks and stray last bits, and
// so would take many texts for the same token.
func decodeStrictly(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, errMalformed
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

// pick finds the key the header names, in the key file too if need be.
func (i *Issuer) pick(h header) (*key, error) {
	k, err := i.keys.Load().pick(h)
	if errors.Is(err, errKey) && i.reread != nil {
		i.reread()
		k, err = i.keys.Load().pick(h)
	}
	if err == nil && !k.needed(i.now(), i.ttl) {
		return nil, errKey
	}
	return k, err
}

// pick finds the key the header names, and holds the header to that key.
func (s *KeySet) pick(h header) (*key, error) {
	k := s.byID[h.KeyID]
	switch {
	case h.JWK != nil || h.JKU != nil || h.X5C != nil || h.X5U != nil || h.B64 != nil || h.Crit != nil:
		return nil, errHeader
	case k == nil:
		return nil, errKey
	case h.Algorithm != k.public.Algorithm:
		return nil, errAlgorithm
	case !isAccessToken(h.Type):
		return nil, errType
	}
	return k, nil
}

// isAccessToken compares media types, in which case does not matter and
// "application/" may be left out (RFC 9068 §4, RFC 7515 §4.1.9).
func isAccessToken(typ string) bool {
	return strings.EqualFold(typ, tokenType) || strings.EqualFold(typ, "application/"+tokenType)
}

// verify checks the signature and returns the payload.
func (k *key) verify(token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, k.algs)
	if err != nil {
		return nil, errHeader
	}
	text, err := jws.Verify(k.public.Key)
	if err != nil {
		return nil, errSignature
	}
	return text, nil
}

// check holds the claims of a genuine token to what this service expects.
func (i *Issuer) check(p *payload) error {
	now := i.now()
	latest := now.Add(skew)
	switch {
	case p.Issuer != i.issuer:
		return errIssuer
	case !p.Audience.Contains(i.audience):
		return errAudience
	case p.Subject == "" || p.ID == "" || p.ClientID == "" || p.IssuedAt == nil || p.Expiry == nil:
		return errClaims
	case !now.Before(p.Expiry.Time()):
		return ErrExpired
	case p.IssuedAt.Time().After(latest) || p.NotBefore.Time().After(latest):
		return errNotYetValid
	}
	return nil
}

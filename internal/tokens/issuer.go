package tokens

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// MaxLength is the longest token, in bytes, that is issued or looked at.
const MaxLength = 8 << 10

// Config says what an Issuer writes into its tokens and asks of them. Every
// field but Reread is required.
type Config struct {
	Issuer   string // the "iss" of every token: the service's public URL
	Audience string // the "aud" of every token
	Keys     *KeySet
	TTL      time.Duration // a second or more; a fraction of a second is dropped
	Now      func() time.Time
	// Reread is called for a token that names an unknown key, before it is
	// refused, and may call SetKeys. Anyone can make such tokens: how often it
	// really reads is for it to limit.
	Reread func()
}

// Issuer issues access tokens and verifies them. It is safe for concurrent use.
type Issuer struct {
	issuer   string
	audience string
	ttl      time.Duration
	now      func() time.Time
	reread   func()

	// keys is a pointer to swap, so that keys can be rotated while requests
	// are being served; whoever needs a set loads it once and stays with it.
	keys atomic.Pointer[KeySet]
}

// NewIssuer makes an Issuer, or says which part of the Config is missing.
func NewIssuer(cfg Config) (*Issuer, error) {
	switch {
	case cfg.Issuer == "" || cfg.Audience == "":
		return nil, errors.New("tokens: an issuer and an audience are needed")
	case cfg.Keys == nil:
		return nil, errors.New("tokens: a key set is needed")
	case cfg.TTL < time.Second:
		return nil, fmt.Errorf("tokens: a TTL of %s is too short, 1s is the least", cfg.TTL)
	case cfg.Now == nil:
		return nil, errors.New("tokens: a clock is needed")
	}
	i := &Issuer{
		issuer:   cfg.Issuer,
		audience: cfg.Audience,
		ttl:      cfg.TTL.Truncate(time.Second),
		now:      cfg.Now,
		reread:   cfg.Reread,
	}
	i.keys.Store(cfg.Keys)
	return i, nil
}

// Keys returns the key set in use, without the keys that no token can need any
// more. Ask again instead of keeping it.
func (i *Issuer) Keys() *KeySet { return i.keys.Load().needed(i.now(), i.ttl) }

// SetKeys puts another key set into use, from the next token on.
func (i *Issuer) SetKeys(keys *KeySet) { i.keys.Store(keys) }

// Grant is what a token is to say.
type Grant struct {
	Subject   string    // who the token stands for
	ClientID  string    // the OAuth client it is given to (RFC 8693 §4.3)
	Scopes    []string  // what it allows
	SessionID string    // the session it is of; empty if none
	NotAfter  time.Time // the latest time at which it may expire; zero if any
}

// Issue signs a token with the first key and a new random ID. The claims are
// those that Verify will find in it.
//
// It fails for an empty subject or client id (RFC 9068 §2.2 requires both), for
// one that is not UTF-8, for a scope that is none (RFC 6749 §3.3), and when the
// token would be longer than MaxLength.
func (i *Issuer) Issue(g Grant) (token string, claims Claims, err error) {
	if err := checkGrant(g); err != nil {
		return "", Claims{}, fmt.Errorf("issue token: %w", err)
	}
	p := i.newPayload(g)
	token, err = i.keys.Load().sign(p)
	if err != nil {
		return "", Claims{}, fmt.Errorf("issue token: %w", err)
	}
	if len(token) > MaxLength {
		return "", Claims{}, fmt.Errorf("issue token: longer than %d bytes", MaxLength)
	}
	return token, p.claims(), nil
}

func (i *Issuer) newPayload(g Grant) *payload {
	now := i.now()
	expires := now.Add(i.ttl)
	if !g.NotAfter.IsZero() && expires.After(g.NotAfter) {
		expires = g.NotAfter
	}
	return &payload{
		Claims: jwt.Claims{
			Issuer:   i.issuer,
			Subject:  g.Subject,
			Audience: jwt.Audience{i.audience},
			Expiry:   jwt.NewNumericDate(expires),
			IssuedAt: jwt.NewNumericDate(now),
			ID:       rand.Text(), // 130 bits
		},
		ClientID:  g.ClientID,
		SessionID: g.SessionID,
		Scope:     strings.Join(g.Scopes, " "),
	}
}

// sign writes the payload as a compact JWS (RFC 7515 §7.1) of the first key.
func (s *KeySet) sign(p *payload) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	jws, err := s.keys[0].signer.Sign(text)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

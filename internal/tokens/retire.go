package tokens

import (
	"encoding/pem"
	"errors"
	"maps"
	"time"
)

// RetirementMargin is how much longer than a token lives a retired key goes on
// verifying. In that time every instance must have seen that it was retired:
// a copy of the key file may reach another machine minutes late (Kubernetes
// takes one or two for a secret), and two machines' clocks may be a minute apart.
const RetirementMargin = 10 * time.Minute

// retiredHeader is the PEM header that says when a key ceased to sign.
const retiredHeader = "Retired"

// KeyInfo is what may be known of a key in a key file.
type KeyInfo struct {
	ID        string // its thumbprint, the "kid" of its tokens
	Algorithm string
	Signing   bool
	Retired   time.Time // when it ceased to sign; zero where the file does not say
	Until     time.Time // when it ceases to verify; zero means never
}

// List describes the keys, the signing one first. ttl is how long tokens live.
func (s *KeySet) List(ttl time.Duration) []KeyInfo {
	infos := make([]KeyInfo, len(s.keys))
	for n, k := range s.keys {
		infos[n] = KeyInfo{
			ID: k.public.KeyID, Algorithm: k.public.Algorithm, Signing: n == 0,
			Retired: k.retired, Until: k.until(ttl),
		}
	}
	return infos
}

// needed is the set without the keys that no token which lives as long as ttl
// can need any more; the set itself where it needs them all.
func (s *KeySet) needed(now time.Time, ttl time.Duration) *KeySet {
	left := &KeySet{byID: make(map[string]*key), file: s.file}
	for _, k := range s.keys {
		if k.needed(now, ttl) {
			left.byID[k.public.KeyID] = k
			left.keys = append(left.keys, k)
		}
	}
	if len(left.keys) == len(s.keys) {
		return s
	}
	return left
}

// until is when the key ceases to verify, or zero for never.
func (k *key) until(ttl time.Duration) time.Time {
	if k.retired.IsZero() {
		return time.Time{}
	}
	return k.retired.Add(ttl + RetirementMargin)
}

func (k *key) needed(now time.Time, ttl time.Duration) bool {
	return k.retired.IsZero() || now.Before(k.until(ttl))
}

// retiredAt reads when the key of a block ceased to sign; zero where the block
// does not say, as in a file that was made by hand.
func retiredAt(block *pem.Block) (time.Time, error) {
	text, ok := block.Headers[retiredHeader]
	if !ok {
		return time.Time{}, nil
	}
	retired, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("its header Retired is not a time as in 2026-01-02T15:04:05Z")
	}
	return retired.UTC(), nil
}

// retire is the block of a key that ceases to sign.
func retire(block *pem.Block, now time.Time) *pem.Block {
	headers := maps.Clone(block.Headers)
	if headers == nil {
		headers = make(map[string]string)
	}
	headers[retiredHeader] = now.UTC().Format(time.RFC3339)
	return &pem.Block{Type: block.Type, Headers: headers, Bytes: block.Bytes}
}

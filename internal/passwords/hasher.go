// Package passwords hashes passwords and verifies them, never more at once than the machine has cores for.
//
// New hashes are argon2id. Hashes of other systems, argon2id or bcrypt, are verified as they are.
package passwords

import (
	"context"
	"crypto/rand"
)

// Hasher hashes and verifies passwords. Every method that takes a context waits at the gate, and answers ErrBusy when
// the queue there is full, or ctx.Err() when ctx ends while it waits.
type Hasher struct {
	costs Params
	gate  *Gate
	decoy stored // a hash at today's costs that no password matches
}

// NewHasher makes a Hasher that hashes at costs p, which should have passed Params.Check, behind gate g.
func NewHasher(p Params, g *Gate) *Hasher {
	return &Hasher{
		costs: p,
		gate:  g,
		// A random key is as good as a derived one: nobody knows a password for it.
		decoy: argon2id{costs: p, salt: randomBytes(saltSize), key: randomBytes(keySize)},
	}
}

// Hash answers a new argon2id hash of password as a PHC string.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	var hash string
	err := h.gate.Do(ctx, func() {
		hash = newArgon2id(password, h.costs, randomBytes(saltSize)).String()
	})
	return hash, err
}

// Verify reports whether password is the one that hash was made of. A hash that cannot be read is an error that wraps
// ErrUnsupportedHash, to be logged and answered like a wrong password: it costs what a wrong password costs.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (bool, error) {
	s, unreadable := parse(hash)
	if unreadable != nil {
		s = h.decoy
	}
	var match bool
	if err := h.gate.Do(ctx, func() { match = s.matches(password) }); err != nil {
		return false, err
	}
	return match && unreadable == nil, unreadable
}

// VerifyUnknown stands in for Verify when there is no such user: it costs what Verify of a hash made by Hash costs,
// so that the time of an answer does not tell which users exist.
func (h *Hasher) VerifyUnknown(ctx context.Context, password string) error {
	return h.gate.Do(ctx, func() { h.decoy.matches(password) })
}

// NeedsRehash reports whether hash should be replaced now that its password is known: it is bcrypt, or argon2id with
// less memory, less time, a shorter salt or a shorter key than Hash would give it. A hash that Verify cannot read is
// left alone.
func (h *Hasher) NeedsRehash(hash string) bool {
	s, err := parse(hash)
	return err == nil && s.weakerThan(h.costs)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never returns an error
	return b
}

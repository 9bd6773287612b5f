package passwords

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParse holds the parser to its word: what it reads has one spelling and is safe to run, and what it refuses it
// refuses with the one error.
func FuzzParse(f *testing.F) {
	for _, hashes := range unreadable {
		for _, hash := range hashes {
			f.Add(hash)
		}
	}
	for _, v := range vectors {
		f.Add(v.hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		s, err := parse(hash)
		if err != nil {
			// One of the known reasons, word for word, so nothing of the hash.
			reason, found := strings.CutPrefix(err.Error(), ErrUnsupportedHash.Error()+": ")
			if !errors.Is(err, ErrUnsupportedHash) || !found || unreadable[reason] == nil {
				t.Fatalf("%q is refused with %v", hash, err)
			}
			return
		}
		switch s := s.(type) {
		case argon2id:
			checkArgon2id(t, s, hash)
		case bcryptHash:
			if len(s) != 60 || string(s) != hash {
				t.Fatalf("%q is read as %q", hash, s)
			}
		default:
			t.Fatalf("%q is read as a %T", hash, s)
		}
	})
}

func checkArgon2id(t *testing.T, a argon2id, hash string) {
	t.Helper()
	if got := a.String(); got != hash {
		t.Fatalf("%q is written as %q", hash, got)
	}
	c := a.costs
	lanes := uint32(c.Parallelism)
	if lanes < 1 || lanes > 64 || c.Memory < 8*lanes || c.Memory > 256<<10 || c.Time < 1 || c.Time > 32 ||
		c.Memory*c.Time > 2<<20 {
		t.Fatalf("%q is read although it costs %+v", hash, c)
	}
	if len(a.salt) < 8 || len(a.salt) > 64 || len(a.key) < 16 || len(a.key) > 64 {
		t.Fatalf("%q is read with %d bytes of salt and %d of key", hash, len(a.salt), len(a.key))
	}
}

package passwords

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnsupportedHash is wrapped by every error about a hash that this package cannot read or will not run. The
// wrapping error says why, and never holds any of the hash: it is safe to log.
var ErrUnsupportedHash = errors.New("unsupported password hash")

// stored is a password's hash, read and found fit to run.
type stored interface {
	// matches derives from password as the hash was derived, and compares in constant time.
	matches(password string) bool
	// weakerThan reports whether a hash made at today's costs would be harder to guess.
	weakerThan(today Params) bool
}

// Check reports whether an existing hash can be stored for a user, that is, whether Verify will read it. It does not
// ask for strength: a weak one is renewed at the user's next login. The error wraps ErrUnsupportedHash.
func Check(hash string) error {
	_, err := parse(hash)
	return err
}

// parse reads a hash of any kind that Verify knows.
func parse(hash string) (stored, error) {
	switch {
	case strings.HasPrefix(hash, "$argon2id$"):
		return parseArgon2id(hash)
	case strings.HasPrefix(hash, "$2"):
		return parseBcrypt(hash)
	}
	return nil, unsupported("it is neither argon2id nor bcrypt")
}

// unsupported wraps ErrUnsupportedHash with a reason, which must hold nothing of the hash.
func unsupported(reason string) error {
	return fmt.Errorf("%w: %s", ErrUnsupportedHash, reason)
}

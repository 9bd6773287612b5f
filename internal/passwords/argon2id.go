package passwords

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
)

// Sizes in bytes. What is written is RFC 9106 §4's recommendation, which argon2-cffi, passlib and pwdlib follow; what
// is read is as wide as other systems have written it.
const (
	saltSize, minSaltSize, maxSaltSize = 16, 8, 64
	keySize, minKeySize, maxKeySize    = 32, 16, 64
)

// argon2idPattern is a PHC string as the reference implementation writes it: these parameters, all of them, in this
// order, in plain decimal. One spelling for each hash leaves nothing that two readers could take in two ways.
var argon2idPattern = regexp.MustCompile(
	`^\$argon2id\$v=19\$m=([1-9][0-9]*),t=([1-9][0-9]*),p=([1-9][0-9]*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)

// phcBase64 is the PHC string format's base64. Strict refuses stray bits in the last character; the line breaks that
// it would skip are refused by argon2idPattern.
var phcBase64 = base64.RawStdEncoding.Strict()

// argon2id is an argon2id hash (RFC 9106, version 19).
type argon2id struct {
	costs     Params
	salt, key []byte
}

// newArgon2id hashes password.
func newArgon2id(password string, costs Params, salt []byte) argon2id {
	return argon2id{costs: costs, salt: salt, key: derive(password, costs, salt, keySize)}
}

// parseArgon2id reads a PHC string. Of every hash there is one spelling that it takes, the one that String writes.
func parseArgon2id(hash string) (argon2id, error) {
	fields := argon2idPattern.FindStringSubmatch(hash)
	if fields == nil {
		return argon2id{}, unsupported("it is not written as $argon2id$v=19$m=…,t=…,p=…$salt$key")
	}
	costs, err := parseCosts(fields[1], fields[2], fields[3])
	if err != nil {
		return argon2id{}, err
	}
	salt, saltErr := phcBase64.DecodeString(fields[4])
	key, keyErr := phcBase64.DecodeString(fields[5])
	switch {
	case saltErr != nil || keyErr != nil:
		return argon2id{}, unsupported("its salt or key is not base64 without padding")
	case len(salt) < minSaltSize || len(salt) > maxSaltSize:
		return argon2id{}, unsupported(fmt.Sprintf("its salt must be %d to %d bytes", minSaltSize, maxSaltSize))
	case len(key) < minKeySize || len(key) > maxKeySize:
		return argon2id{}, unsupported(fmt.Sprintf("its key must be %d to %d bytes", minKeySize, maxKeySize))
	}
	return argon2id{costs: costs, salt: salt, key: key}, nil
}

// parseCosts reads the three numbers of a PHC string and holds them to the bounds of Params.
func parseCosts(memory, time, parallelism string) (Params, error) {
	m, mErr := strconv.ParseUint(memory, 10, 32)
	t, tErr := strconv.ParseUint(time, 10, 32)
	p, pErr := strconv.ParseUint(parallelism, 10, 8)
	if mErr != nil || tErr != nil || pErr != nil {
		return Params{}, unsupported("one of its costs is out of range") // strconv's own errors quote the hash
	}
	costs := Params{Memory: uint32(m), Time: uint32(t), Parallelism: uint8(p)}
	if err := costs.checkBounds(); err != nil {
		return Params{}, fmt.Errorf("%w: %w", ErrUnsupportedHash, err)
	}
	return costs, nil
}

// String writes the PHC string.
func (a argon2id) String() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", a.costs.Memory, a.costs.Time, a.costs.Parallelism,
		phcBase64.EncodeToString(a.salt), phcBase64.EncodeToString(a.key))
}

func (a argon2id) matches(password string) bool {
	key := derive(password, a.costs, a.salt, len(a.key))
	return subtle.ConstantTimeCompare(key, a.key) == 1
}

// weakerThan leaves parallelism out: more lanes make a hash no cheaper to guess and no dearer.
func (a argon2id) weakerThan(today Params) bool {
	return a.costs.Memory < today.Memory || a.costs.Time < today.Time || len(a.salt) < saltSize || len(a.key) < keySize
}

// derive answers the key of size bytes that password has at these costs and with this salt.
func derive(password string, costs Params, salt []byte, size int) []byte {
	keyLen := uint32(size) //nolint:gosec // at most maxKeySize
	return argon2.IDKey([]byte(password), salt, costs.Time, costs.Memory, costs.Parallelism, keyLen)
}

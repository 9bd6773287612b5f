package passwords

import (
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/bcrypt"
)

// The costs that are run, each step twice as slow. 16 is some 4 seconds of one core.
const minBcryptCost, maxBcryptCost = bcrypt.MinCost, 16

// bcryptPattern is a whole bcrypt hash: variant, cost, 22 characters of salt and 31 of key. The key's last character
// has two bits to spare, and a hash where they are set cannot match any password. The salt's last has four, which old
// versions of passlib filled at random, and every reader ignores.
//
// $2x$ marks hashes made by a faulty program and is left out; a, b and y differ in name only.
var bcryptPattern = regexp.MustCompile(`^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{52}[.CGKOSWaeimquy26]$`)

// bcryptHash is a bcrypt hash as it stands in the database.
type bcryptHash string

func parseBcrypt(hash string) (bcryptHash, error) {
	fields := bcryptPattern.FindStringSubmatch(hash)
	if fields == nil {
		return "", unsupported("it is not written as $2b$ (or $2a$, $2y$), two digits of cost, $, and 53 characters")
	}
	cost, err := strconv.Atoi(fields[1])
	if err != nil || cost < minBcryptCost || cost > maxBcryptCost {
		return "", unsupported(fmt.Sprintf("its bcrypt cost must be %d to %d", minBcryptCost, maxBcryptCost))
	}
	return bcryptHash(hash), nil
}

// matches looks at the first 72 bytes of password, as bcrypt is defined to and as passlib does.
func (b bcryptHash) matches(password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(b), []byte(password)) == nil
}

// weakerThan is always true: bcrypt needs next to no memory, so it is cheap to guess on special hardware.
func (b bcryptHash) weakerThan(Params) bool { return true }

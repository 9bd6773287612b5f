package passwords

import (
	"errors"
	"strings"
	"testing"
)

// Parts that hashes in these tests are put together from.
const (
	salt8  = "c29tZXNhbHQ"
	salt16 = "wagCPXjifgvUFBzq4hqe3w"
	key16  = "oYxlVHIV6mdDid+5k7x3gw"
	key32  = "CYaIb8sB+wtD+Vu/P4uod1+Qof8h+1g7bbDlBID48Rc"

	bcryptBody = "EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
)

func TestCheckAcceptsWhatOtherSystemsWrite(t *testing.T) {
	salt64, key64 := strings.Repeat("A", 86), strings.Repeat("A", 86)
	for name, hash := range map[string]string{
		"pwdlib, argon2-cffi":   "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"argon2-cffi before 21": "$argon2id$v=19$m=102400,t=2,p=8$" + salt16 + "$" + key16,
		"libsodium moderate":    "$argon2id$v=19$m=262144,t=3,p=1$" + salt16 + "$" + key32,
		"the least argon2":      "$argon2id$v=19$m=8,t=1,p=1$" + salt8 + "$" + key16,
		"the most lanes":        "$argon2id$v=19$m=512,t=32,p=64$" + salt16 + "$" + key32,
		"the most work":         "$argon2id$v=19$m=262144,t=8,p=1$" + salt16 + "$" + key32,
		"the longest":           "$argon2id$v=19$m=19456,t=2,p=1$" + salt64 + "$" + key64,
		"passlib's bcrypt":      "$2b$12$" + bcryptBody,
		"PHP's bcrypt":          "$2y$10$" + bcryptBody,
		"old bcrypt":            "$2a$04$" + bcryptBody,
		"the dearest bcrypt":    "$2b$16$" + bcryptBody,
	} {
		if err := Check(hash); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
}

// unreadable are hashes that must be refused, by the reason that is given and by what is wrong with them.
var unreadable = map[string]map[string]string{
	"it is neither argon2id nor bcrypt": {
		"empty":               "",
		"plain text":          "correct horse battery staple",
		"locked":              "!$2b$12$" + bcryptBody,
		"space before":        " $2b$12$" + bcryptBody,
		"Django's prefix":     "argon2$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"sha512-crypt":        "$6$rounds=5000$saltsalt$" + key32,
		"argon2i":             "$argon2i$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"argon2d":             "$argon2d$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"upper case":          "$Argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"bcrypt of a SHA-256": "$bcrypt-sha256$v=2,t=2b,r=12$" + bcryptBody,
	},
	"it is not written as $argon2id$v=19$m=…,t=…,p=…$salt$key": {
		"version 16":           "$argon2id$v=16$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"no version":           "$argon2id$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"memory missing":       "$argon2id$v=19$t=3,p=4$" + salt16 + "$" + key32,
		"lanes missing":        "$argon2id$v=19$m=65536,t=3$" + salt16 + "$" + key32,
		"another order":        "$argon2id$v=19$t=3,m=65536,p=4$" + salt16 + "$" + key32,
		"a cost twice":         "$argon2id$v=19$m=65536,t=3,t=3,p=4$" + salt16 + "$" + key32,
		"a key id":             "$argon2id$v=19$m=65536,t=3,p=4,keyid=AAAA$" + salt16 + "$" + key32,
		"a signed number":      "$argon2id$v=19$m=+65536,t=3,p=4$" + salt16 + "$" + key32,
		"a leading zero":       "$argon2id$v=19$m=65536,t=03,p=4$" + salt16 + "$" + key32,
		"a leading zero at m":  "$argon2id$v=19$m=065536,t=3,p=4$" + salt16 + "$" + key32,
		"a leading zero at p":  "$argon2id$v=19$m=65536,t=3,p=04$" + salt16 + "$" + key32,
		"a negative number":    "$argon2id$v=19$m=65536,t=-3,p=4$" + salt16 + "$" + key32,
		"a hexadecimal number": "$argon2id$v=19$m=0x10000,t=3,p=4$" + salt16 + "$" + key32,
		"zero passes":          "$argon2id$v=19$m=65536,t=0,p=4$" + salt16 + "$" + key32,
		"an empty number":      "$argon2id$v=19$m=,t=3,p=4$" + salt16 + "$" + key32,
		"key missing":          "$argon2id$v=19$m=65536,t=3,p=4$" + salt16,
		"key empty":            "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$",
		"padding":              "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "==$" + key32 + "=",
		"URL base64":           "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$CYaIb8sB-wtD-Vu_P4uod1-Qof8h-1g7bbDlBID48Rc",
		"a line break inside":  "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$\n" + key32,
		"a line break at last": "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32 + "\n",
		"a field too many":     "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32 + "$",
	},
	"one of its costs is out of range": {
		"over 32 bits":      "$argon2id$v=19$m=4294975488,t=3,p=4$" + salt16 + "$" + key32,
		"over 64 bits":      "$argon2id$v=19$m=65536,t=18446744073709551619,p=4$" + salt16 + "$" + key32,
		"lanes over 8 bits": "$argon2id$v=19$m=65536,t=3,p=260$" + salt16 + "$" + key32,
	},
	"parallelism must be 1 to 64": {
		"too many lanes": "$argon2id$v=19$m=65536,t=3,p=65$" + salt16 + "$" + key32,
	},
	"memory must be 8 KiB per lane to 262144 KiB": {
		"too little per lane": "$argon2id$v=19$m=31,t=3,p=4$" + salt16 + "$" + key32,
		"too much memory":     "$argon2id$v=19$m=262145,t=1,p=4$" + salt16 + "$" + key32,
	},
	"time must be 1 to 32": {
		"too many passes": "$argon2id$v=19$m=1024,t=33,p=4$" + salt16 + "$" + key32,
	},
	"memory and time together would take some seconds": {
		"too much work": "$argon2id$v=19$m=262144,t=9,p=4$" + salt16 + "$" + key32,
	},
	"its salt or key is not base64 without padding": {
		"stray bits in the key": "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$CYaIb8sB+wtD+Vu/P4uod1+Qof8h+1g7bbDlBID48Rd",
		"an impossible length":  "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + strings.Repeat("A", 25),
	},
	"its salt must be 8 to 64 bytes": {
		"salt of 7 bytes":  "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbA$" + key32,
		"salt of 65 bytes": "$argon2id$v=19$m=65536,t=3,p=4$" + strings.Repeat("A", 87) + "$" + key32,
	},
	"its key must be 16 to 64 bytes": {
		"key of 15 bytes": "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + strings.Repeat("A", 20),
		"key of 65 bytes": "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + strings.Repeat("A", 87),
	},
	"it is not written as $2b$ (or $2a$, $2y$), two digits of cost, $, and 53 characters": {
		"the faulty bcrypt":     "$2x$12$" + bcryptBody,
		"the first bcrypt":      "$2$12$" + bcryptBody,
		"another bcrypt":        "$2c$12$" + bcryptBody,
		"bcrypt with a sign":    "$2b$+9$" + bcryptBody,
		"bcrypt, short cost":    "$2b$9$" + bcryptBody,
		"bcrypt cut off":        "$2b$12$" + bcryptBody[:52],
		"bcrypt too long":       "$2b$12$" + bcryptBody + "W",
		"bcrypt, line break":    "$2b$12$" + bcryptBody + "\n",
		"bcrypt, odd character": "$2b$12$+" + bcryptBody[1:],
		"bcrypt, stray bits":    "$2b$12$" + bcryptBody[:52] + "X",
	},
	"its bcrypt cost must be 4 to 16": {
		"bcrypt too cheap": "$2b$03$" + bcryptBody,
		"bcrypt too dear":  "$2b$17$" + bcryptBody,
	},
}

func TestCheckRefuses(t *testing.T) {
	for reason, hashes := range unreadable {
		for name, hash := range hashes {
			err := Check(hash)
			if !errors.Is(err, ErrUnsupportedHash) || err.Error() != "unsupported password hash: "+reason {
				t.Errorf("%s: got %v, want ErrUnsupportedHash because %s", name, err, reason)
			}
		}
	}
}

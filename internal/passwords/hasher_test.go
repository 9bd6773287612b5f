package passwords

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// cheap are the least costs, for tests of anything but strength.
var cheap = Params{Memory: 8, Time: 1, Parallelism: 1}

func cheapHasher() *Hasher { return NewHasher(cheap, NewGate(2, 8)) }

// vectors are hashes that other programs made.
var vectors = []struct{ from, password, hash string }{
	{
		"pwdlib, in FastAPI's tutorial", "secret",
		"$argon2id$v=19$m=65536,t=3,p=4$wagCPXjifgvUFBzq4hqe3w$CYaIb8sB+wtD+Vu/P4uod1+Qof8h+1g7bbDlBID48Rc",
	},
	{
		"argon2's own test.c", "password",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	},
	{
		"argon2's own test.c, two lanes", "password",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	},
	{
		"passlib, in FastAPI's tutorial", "secret",
		"$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
	},
	{"crypt_blowfish", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"crypt_blowfish, empty", "", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
	{"crypt_blowfish, the byte a3", "\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
	{"libxcrypt, umlauts", "pässwörd", "$2b$04$N9qo8uLOickgx2ZMRZoMyeVE0Gfkvlqp6DLtAlfhGw0O/hgr/H5Z6"},
	{
		"crypt_blowfish, over 72 bytes",
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
		"$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
	},
}

func TestVerifyHashesOfOtherPrograms(t *testing.T) {
	h := cheapHasher()
	for _, v := range vectors {
		if match, err := h.Verify(t.Context(), v.password, v.hash); err != nil || !match {
			t.Errorf("%s: got %v, %v, want true", v.from, match, err)
		}
	}
}

func TestVerifyRefusesAWrongPassword(t *testing.T) {
	for _, hash := range []string{
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$2b$04$N9qo8uLOickgx2ZMRZoMyeVE0Gfkvlqp6DLtAlfhGw0O/hgr/H5Z6",
	} {
		for _, password := range []string{"", "Password", "password ", hash} {
			if match, err := cheapHasher().Verify(t.Context(), password, hash); err != nil || match {
				t.Errorf("%q for %s: got %v, %v, want false", password, hash, match, err)
			}
		}
	}
}

func TestBcryptLooksAt72Bytes(t *testing.T) {
	const of72 = "$2b$04$N9qo8uLOickgx2ZMRZoMyeF1J3tt0w8.ywyH26Gg0MaR3.85io4ma" // libxcrypt's, of 72 times a
	a := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		name, password string
		want           bool
	}{
		{"72 bytes", a(72), true},
		{"73 bytes", a(73), true},
		{"72 bytes and others", a(72) + "b", true},
		{"10,000 bytes", a(10_000), true},
		{"71 bytes", a(71), false},
		{"another 72nd byte", a(71) + "b", false},
	} {
		if got, err := cheapHasher().Verify(t.Context(), c.password, of72); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestHashThenVerify(t *testing.T) {
	h := NewHasher(Params{Memory: 64, Time: 2, Parallelism: 3}, NewGate(1, 0))
	for _, password := range []string{"secret", "", "pässwörd", "nul\x00byte", "\xff\xfe", strings.Repeat("long", 1000)} {
		hash, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		if match, err := h.Verify(t.Context(), password, hash); err != nil || !match {
			t.Errorf("%.20q: got %v, %v, want true", password, match, err)
		}
		if match, err := h.Verify(t.Context(), password+"x", hash); err != nil || match {
			t.Errorf("%.20q and x: got %v, %v, want false", password, match, err)
		}
	}
}

func TestHashIsAPHCStringWithItsOwnSalt(t *testing.T) {
	h := NewHasher(Params{Memory: 64, Time: 2, Parallelism: 3}, NewGate(1, 0))
	salts := map[string]bool{}
	for range 3 {
		hash, err := h.Hash(t.Context(), "secret")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=2,p=3$") {
			t.Errorf("got %s", hash)
		}
		a, err := parseArgon2id(hash)
		if err != nil || len(a.salt) != 16 || len(a.key) != 32 {
			t.Errorf("got %d bytes of salt and %d of key (%v), want 16 and 32", len(a.salt), len(a.key), err)
		}
		salts[string(a.salt)] = true
	}
	if len(salts) != 3 {
		t.Errorf("3 hashes share %d salts", len(salts))
	}
}

func TestVerifyRefusesATamperedHash(t *testing.T) {
	const hash = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
	for _, change := range [][2]string{
		{"m=256", "m=257"},
		{"m=256", "m=128"},
		{"t=2", "t=1"},
		{"p=2", "p=1"},
		{"c29tZXNhbHQ", "c29tZXNhbHU"},
		{"$bQk8", "$bQk9"},
		{"cDc", "cDg"},
		{"cDc", ""},
	} {
		tampered := strings.Replace(hash, change[0], change[1], 1)
		if match, _ := cheapHasher().Verify(t.Context(), "password", tampered); match {
			t.Errorf("%s for %s matches", change[1], change[0])
		}
	}
}

// spy stands in for a Hasher's decoy and says yes to everything.
type spy struct {
	stored
	asked []string
}

func (s *spy) matches(password string) bool {
	s.asked = append(s.asked, password)
	return true
}

func TestTheDecoyCostsWhatAHashCosts(t *testing.T) {
	h := NewHasher(Params{Memory: 64, Time: 2, Parallelism: 3}, NewGate(1, 0))
	hash, err := h.Hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	made, err := parseArgon2id(hash)
	if err != nil {
		t.Fatal(err)
	}
	decoy, ok := h.decoy.(argon2id)
	if !ok || decoy.costs != made.costs || len(decoy.salt) != len(made.salt) || len(decoy.key) != len(made.key) {
		t.Errorf("the decoy is %T %+v, a hash %+v", h.decoy, decoy, made)
	}
}

func TestVerifyUnknownAsksTheDecoy(t *testing.T) {
	h, s := cheapHasher(), &spy{}
	h.decoy = s
	if err := h.VerifyUnknown(t.Context(), "secret"); err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 1 || s.asked[0] != "secret" {
		t.Errorf("the decoy was asked about %q", s.asked)
	}
}

func TestVerifyOfAnUnreadableHashAsksTheDecoyAndSaysNo(t *testing.T) {
	for reason, hashes := range unreadable {
		for name, hash := range hashes {
			h, s := cheapHasher(), &spy{}
			h.decoy = s
			match, err := h.Verify(t.Context(), "secret", hash)
			if match || !errors.Is(err, ErrUnsupportedHash) || !strings.HasSuffix(err.Error(), reason) {
				t.Errorf("%s: got %v, %v, want false and ErrUnsupportedHash because %s", name, match, err, reason)
			}
			if len(s.asked) != 1 || s.asked[0] != "secret" {
				t.Errorf("%s: the decoy was asked about %q", name, s.asked)
			}
		}
	}
}

func TestEveryMethodWaitsAtTheGate(t *testing.T) {
	const hash = "$2b$04$N9qo8uLOickgx2ZMRZoMyeVE0Gfkvlqp6DLtAlfhGw0O/hgr/H5Z6"
	for name, method := range map[string]func(context.Context, *Hasher) (bool, error){
		"Hash": func(ctx context.Context, h *Hasher) (bool, error) {
			hash, err := h.Hash(ctx, "pässwörd")
			return hash != "", err
		},
		"Verify": func(ctx context.Context, h *Hasher) (bool, error) { return h.Verify(ctx, "pässwörd", hash) },
		"Verify of an unreadable hash": func(ctx context.Context, h *Hasher) (bool, error) {
			return h.Verify(ctx, "pässwörd", "")
		},
		"VerifyUnknown": func(ctx context.Context, h *Hasher) (bool, error) {
			return false, h.VerifyUnknown(ctx, "pässwörd")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newVisitors(NewGate(1, 0))
			v.arrive(t.Context(), 0)
			if ok, err := method(t.Context(), NewHasher(cheap, v.gate)); ok || !errors.Is(err, ErrBusy) {
				t.Errorf("%s: got %v, %v, want ErrBusy", name, ok, err)
			}
			v.letGo()
		})
	}
}

func TestNeedsRehash(t *testing.T) {
	h := NewHasher(DefaultParams(), NewGate(1, 0))
	for _, c := range []struct {
		name, hash string
		want       bool
	}{
		{"today's", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"more memory", "$argon2id$v=19$m=19457,t=2,p=1$" + salt16 + "$" + key32, false},
		{"more time", "$argon2id$v=19$m=19456,t=3,p=1$" + salt16 + "$" + key32, false},
		{"more lanes", "$argon2id$v=19$m=19456,t=2,p=4$" + salt16 + "$" + key32, false},
		{"longer key", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + strings.Repeat("A", 86), false},
		{"pwdlib's", "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32, false},
		{"less memory", "$argon2id$v=19$m=19455,t=2,p=1$" + salt16 + "$" + key32, true},
		{"less time", "$argon2id$v=19$m=19456,t=1,p=1$" + salt16 + "$" + key32, true},
		{"less memory for more time", "$argon2id$v=19$m=12288,t=3,p=1$" + salt16 + "$" + key32, true},
		{"shorter salt", "$argon2id$v=19$m=19456,t=2,p=1$" + salt8 + "$" + key32, true},
		{"shorter key", "$argon2id$v=19$m=102400,t=2,p=8$" + salt16 + "$" + key16, true},
		{"bcrypt", "$2b$12$" + bcryptBody, true},
		{"dear bcrypt", "$2b$16$" + bcryptBody, true},
		{"unreadable", "$argon2i$v=19$m=8,t=1,p=1$" + salt16 + "$" + key32, false},
	} {
		if got := h.NeedsRehash(c.hash); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAHashOfTodayNeedsNoRehash(t *testing.T) {
	h := NewHasher(DefaultParams(), NewGate(1, 0))
	hash, err := h.Hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	if h.NeedsRehash(hash) {
		t.Errorf("%s would be made anew at every login", hash)
	}
}

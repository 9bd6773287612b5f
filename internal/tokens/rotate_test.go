package tokens_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

// keyFile writes a key file, or has one made where there are no keys.
func keyFile(t *testing.T, keys ...any) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "latchkey.key.pem")
	if len(keys) > 0 {
		must(os.WriteFile(path, pkcs8(keys...), 0o600))
	}
	must1(tokens.OpenKeyFile(path))
	return path
}

func at(now time.Time) tokens.Rotation {
	return tokens.Rotation{TTL: testTTL, Now: func() time.Time { return now }}
}

// rotate rotates at that time, and gives the keys' names that are in the file.
func rotate(t *testing.T, path string, now time.Time) (ids []string) {
	t.Helper()
	if _, _, err := tokens.RotateKeyFile(path, at(now)); err != nil {
		t.Fatal(err)
	}
	return idsOf(must1(tokens.ReadKeyFile(path)))
}

func idsOf(set *tokens.KeySet) (ids []string) {
	for _, k := range set.List(testTTL) {
		ids = append(ids, k.ID)
	}
	return ids
}

func issue(t *testing.T, i *tokens.Issuer) (token string, kid any) {
	t.Helper()
	token, _, err := i.Issue(tokens.Grant{Subject: "42", ClientID: "web"})
	if err != nil {
		t.Fatal(err)
	}
	return token, members(t, strings.Split(token, ".")[0])["kid"]
}

// TestRotate follows a key from its last token to its end.
func TestRotate(t *testing.T) {
	path := keyFile(t)
	i, c := newIssuer(t, must1(tokens.ReadKeyFile(path)))
	lagging, lagClock := newIssuer(t, i.Keys()) // an instance that sees the new file late
	oldToken, oldKey := issue(t, i)

	ids := rotate(t, path, start)
	wantOnly(t, path)
	i.SetKeys(must1(tokens.ReadKeyFile(path)))
	newToken, newKey := issue(t, i)
	if len(ids) != 2 || newKey != ids[0] || oldKey != ids[1] {
		t.Fatalf("the file has %v; the old token bears %v, the new one %v", ids, oldKey, newKey)
	}
	for _, token := range []string{oldToken, newToken} {
		if _, err := i.Verify(token); err != nil {
			t.Error(err)
		}
	}

	lagClock.now = start.Add(tokens.RetirementMargin - time.Second)
	lateToken, _ := issue(t, lagging)
	c.now = lagClock.now.Add(testTTL - time.Second)
	if _, err := i.Verify(lateToken); err != nil {
		t.Error("a token of an instance that was late:", err)
	}
	if got := idsOf(i.Keys()); !slices.Equal(got, ids) {
		t.Errorf("published %v, want %v", got, ids)
	}

	// From here on the retired key counts for nothing, whatever it signs.
	c.now = start.Add(testTTL + tokens.RetirementMargin)
	lagClock.now = c.now
	forged, _ := issue(t, lagging)
	wantReason(t, i, forged, "unknown key")
	if got := idsOf(i.Keys()); !slices.Equal(got, ids[:1]) {
		t.Errorf("published %v, want %v", got, ids[:1])
	}
	if _, err := i.Verify(first(issue(t, i))); err != nil {
		t.Error(err)
	}
}

func first(token string, _ any) string { return token }

func TestRotateDropsWhatNoTokenNeeds(t *testing.T) {
	path := keyFile(t)
	life := testTTL + tokens.RetirementMargin
	begin := start.Truncate(time.Second)
	one := rotate(t, path, begin)
	two := rotate(t, path, begin.Add(life-time.Second))
	if !slices.Equal(two[1:], one) {
		t.Errorf("a second too early: %v became %v", one, two)
	}
	set, dropped, err := tokens.RotateKeyFile(path, at(begin.Add(life)))
	if err != nil || !slices.Equal(idsOf(set)[1:], two[:2]) {
		t.Errorf("%v became %v, %v", two, idsOf(set), err)
	}
	if len(dropped) != 1 || dropped[0].ID != one[1] || !dropped[0].Until.Equal(begin.Add(life)) {
		t.Errorf("dropped %+v, want %s", dropped, one[1])
	}
}

// TestRotateByHand: a file that somebody else made has no times.
func TestRotateByHand(t *testing.T) {
	path := keyFile(t, rsaKey(), edKey())
	must(os.WriteFile(path, slices.Concat(sec1(ecKey()), pkcs8(rsaKey()), pem.EncodeToMemory(&pem.Block{
		Type: "PRIVATE KEY", Bytes: pkcs8Block(edKey()).Bytes, Headers: map[string]string{"Comment": "kept"},
	})), 0o600))
	before := must1(tokens.ReadKeyFile(path)).List(testTTL)
	rotate(t, path, start)
	rotate(t, path, start.AddDate(10, 0, 0))
	after := must1(tokens.ReadKeyFile(path)).List(testTTL)
	if len(after) != 4 || after[2].ID != before[1].ID || after[3].ID != before[2].ID {
		t.Fatalf("%+v became %+v", before, after)
	}
	for _, k := range after[2:] {
		if !k.Retired.IsZero() || !k.Until.IsZero() || k.Signing {
			t.Errorf("%+v", k)
		}
	}
	if !after[0].Signing || after[0].Algorithm != "ES256" || !after[1].Retired.Equal(start.AddDate(10, 0, 0).Truncate(time.Second)) {
		t.Errorf("%+v", after[:2])
	}
	if text := must1(os.ReadFile(path)); !bytes.Contains(text, []byte("Comment: kept\n")) {
		t.Error("a header was lost")
	}
}

func pkcs8Block(key any) *pem.Block {
	b, _ := pem.Decode(pkcs8(key))
	return b
}

// TestTakenBack: whoever puts a retired key first again, signs with it.
func TestTakenBack(t *testing.T) {
	retired := pkcs8Block(ecKey())
	retired.Headers = map[string]string{"Retired": "2001-01-02T15:04:05Z"}
	path := keyFile(t)
	must(os.WriteFile(path, slices.Concat(pem.EncodeToMemory(retired), pkcs8(edKey())), 0o600))
	i, _ := newIssuer(t, must1(tokens.ReadKeyFile(path)))
	token, kid := issue(t, i)
	if _, err := i.Verify(token); err != nil || len(i.Keys().JWKS().Keys) != 2 {
		t.Errorf("%v, %d keys", err, len(i.Keys().JWKS().Keys))
	}
	if ids := rotate(t, path, start); len(ids) != 3 || ids[1] != kid {
		t.Errorf("got %v, want %v second", ids, kid)
	}
}

func TestRetiredHeaderRefused(t *testing.T) {
	for _, text := range []string{"", "yesterday", "2026-01-02", "2026-01-02 15:04:05"} {
		second := pkcs8Block(edKey())
		second.Headers = map[string]string{"Retired": text}
		_, err := tokens.ParseKeys(append(pkcs8(ecKey()), pem.EncodeToMemory(second)...))
		wantKeyError(t, err, nil, "PEM block 2: its header Retired is not a time")
	}
}

func TestRotateAlgorithms(t *testing.T) {
	path := keyFile(t)
	for _, tc := range []struct{ ask, want string }{
		{"", "ES256"}, {"EdDSA", "EdDSA"}, {"", "EdDSA"}, {"RS256", "RS256"}, {"", "RS256"}, {"ES256", "ES256"},
	} {
		r := at(start)
		r.Algorithm = tc.ask
		set, _, err := tokens.RotateKeyFile(path, r)
		if err != nil || set.List(testTTL)[0].Algorithm != tc.want {
			t.Errorf("%q: %v, want %s", tc.ask, err, tc.want)
		}
	}
	r := at(start)
	r.Algorithm = "HS256"
	if _, _, err := tokens.RotateKeyFile(path, r); err == nil || !strings.Contains(err.Error(), `"HS256" is not one of`) {
		t.Errorf("HS256: %v", err)
	}
}

// TestRotateAtOnce: rotations at once lose no key, and each makes one.
func TestRotateAtOnce(t *testing.T) {
	path := keyFile(t)
	want := idsOf(must1(tokens.ReadKeyFile(path)))
	const rotations = 16
	made := make([]string, rotations)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for n := range rotations {
		wg.Go(func() {
			<-begin
			set, _, err := tokens.RotateKeyFile(path, at(start))
			if err != nil {
				t.Error(err)
				return
			}
			made[n] = idsOf(set)[0]
		})
	}
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, err := tokens.ReadKeyFile(path); err != nil {
				t.Error("while it is being rotated:", err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	close(begin)
	wg.Wait()
	close(stop)
	reader.Wait()
	want = append(want, made...)
	got := idsOf(must1(tokens.ReadKeyFile(path)))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the file has %d keys, want %d", len(got), len(want))
	}
	wantOnly(t, path)
}

// TestRotateKeepsModeAndLink: what others were allowed, or not, stays.
func TestRotateKeepsModeAndLink(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o400, 0o640} {
		path := keyFile(t)
		must(os.Chmod(path, mode))
		link := filepath.Join(t.TempDir(), "link.pem")
		must(os.Symlink(path, link))
		rotate(t, link, start)
		if got := must1(os.Stat(path)).Mode(); got != mode {
			t.Errorf("%s became %s", mode, got)
		}
		if got := must1(os.Lstat(link)).Mode(); got.Type() != fs.ModeSymlink {
			t.Errorf("the link became %s", got)
		}
	}
}

// TestRotateFails: the file is left as it was, and nothing beside it.
func TestRotateFails(t *testing.T) {
	// It can be read, but has no room for another key.
	crowded := pkcs8(ecKey())
	for len(crowded) < 256<<10-100 {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		must(err)
		crowded = append(crowded, pkcs8(private)...)
	}
	for _, tc := range []struct {
		name, want string
		prepare    func(t *testing.T, path string)
	}{
		{"no file", "no such file or directory", func(_ *testing.T, path string) { must(os.Remove(path)) }},
		{"a folder", "is a directory", func(_ *testing.T, path string) { must(os.Remove(path)); must(os.Mkdir(path, 0o700)) }},
		{"bad file", "PEM block 1: damaged", func(_ *testing.T, path string) { must(os.WriteFile(path, []byte("battery staple"), 0o600)) }},
		{"no room for another key", "larger than", func(_ *testing.T, path string) { must(os.WriteFile(path, crowded, 0o600)) }},
		{"something in the way", "replace it: remove ", func(_ *testing.T, path string) { must(os.MkdirAll(path+".new/x", 0o700)) }},
		{"read-only folder", "replace it: open ", func(t *testing.T, path string) {
			t.Helper()
			if os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			must(os.Chmod(filepath.Dir(path), 0o500))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := keyFile(t)
			tc.prepare(t, path)
			text, _ := os.ReadFile(path)
			before := must1(os.ReadDir(filepath.Dir(path)))
			_, _, err := tokens.RotateKeyFile(path, at(start))
			wantKeyError(t, err, text, tc.want)
			wantKeyError(t, err, text, "key file "+path+": ")
			if left, _ := os.ReadFile(path); !bytes.Equal(left, text) {
				t.Error("the file was changed")
			}
			if after := must1(os.ReadDir(filepath.Dir(path))); len(after) != len(before) {
				t.Errorf("left behind: %v", after)
			}
			must(os.Chmod(filepath.Dir(path), 0o700))
		})
	}
}

func TestReread(t *testing.T) {
	path := keyFile(t)
	first := must1(tokens.OpenKeyFile(path))
	if same, err := tokens.RereadKeyFile(path, first); err != nil || same != first {
		t.Errorf("an unchanged file was read anew: %v", err)
	}
	ids := rotate(t, path, start)
	second, err := tokens.RereadKeyFile(path, first)
	if err != nil || !slices.Equal(idsOf(second), ids) {
		t.Errorf("%v, want %v; %v", idsOf(second), ids, err)
	}
	must(os.WriteFile(path, []byte("battery staple"), 0o600))
	_, err = tokens.RereadKeyFile(path, second)
	wantKeyError(t, err, nil, "key file "+path+": PEM block 1")
	must(os.Remove(path))
	_, err = tokens.RereadKeyFile(path, second)
	wantKeyError(t, err, nil, "no such file or directory")
	if _, err := os.Stat(path); err == nil {
		t.Error("a key file was made")
	}
}

// TestUnknownKey: the issuer asks for the file once for each token whose key
// it does not know, and for no other.
func TestUnknownKey(t *testing.T) {
	asked := 0
	var i *tokens.Issuer
	next := ring(t, "ES256")
	i = must1(tokens.NewIssuer(tokens.Config{
		Issuer: testIssuer, Audience: testAudience, Keys: ring(t, "EdDSA"), TTL: testTTL,
		Now: func() time.Time { return start }, Reread: func() { asked++; i.SetKeys(next) },
	}))
	for _, token := range []string{"", "x", "x.y.z", genuine(t, "EdDSA").token()} {
		_, _ = i.Verify(token)
	}
	if asked != 0 {
		t.Errorf("asked %d times", asked)
	}
	if _, err := i.Verify(genuine(t, "ES256").token()); err != nil || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	wantReason(t, i, genuine(t, "RS256").token(), "unknown key")
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

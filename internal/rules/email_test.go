package rules_test

import (
	"strings"
	"testing"

	"latchkey/internal/rules"
)

func TestEmail(t *testing.T) {
	label := strings.Repeat("x", 63)
	long := strings.Repeat(label+".", 3)
	tests := []struct{ address, want, kept string }{
		{"joe@example.com", good, "joe@example.com"},
		{"Joe.Doe+tag@Sub.EXAMPLE.com", good, "Joe.Doe+tag@sub.example.com"},
		{"o'neil@example.com", good, "o'neil@example.com"},
		{"!#$%&'*+-/=?^_`{|}~@example.com", good, "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"1@2.3com", good, "1@2.3com"},
		{"joe@localhost", good, "joe@localhost"},
		{"joe@a-b.c--d.example", good, "joe@a-b.c--d.example"},

		// domains beyond ASCII
		{"joe@bücher.example", good, "joe@xn--bcher-kva.example"},
		{"joe@bu\u0308cher.example", good, "joe@xn--bcher-kva.example"},
		{"joe@BÜCHER.example", good, "joe@xn--bcher-kva.example"},
		{"joe@xn--bcher-kva.example", good, "joe@xn--bcher-kva.example"},
		{"joe@XN--BCHER-KVA.example", good, "joe@xn--bcher-kva.example"},
		{"joe@ｅｘａｍｐｌｅ．ｃｏｍ", good, "joe@example.com"},
		{"joe@例え。テスト", good, "joe@xn--r8jz45g.xn--zckzah"},
		{"joe@straße.example", good, "joe@xn--strae-oqa.example"},
		{"joe@\u212aelvin.example", good, "joe@kelvin.example"},
		{"joe@דוד.example", good, "joe@xn--7dbaf.example"},
		{"joe@aדוד.example", other, ""},
		{"joe@x\u2135.example", other, ""}, // becomes an A-label that is refused itself
		{"joe@xn--.example", other, ""},
		{"joe@xn--example-.com", other, ""},
		{"joe@xn--bcher-kva-.example", other, ""},
		{"joe@xn--99999999.example", other, ""},
		{"joe@\u0301x.example", other, ""},
		{"joe@a\u200db.example", other, ""},
		{"joe@😀\u202e.example", other, ""},

		// what is not an addr-spec, or hardly anybody takes
		{"joe", other, ""},
		{"@", other, ""},
		{"@example.com", other, ""},
		{"joe@", other, ""},
		{"joe@.", other, ""},
		{"joe@@example.com", other, ""},
		{"joe@eve@example.com", other, ""},
		{".joe@example.com", other, ""},
		{"joe.@example.com", other, ""},
		{"joe..doe@example.com", other, ""},
		{`"joe"@example.com`, other, ""},
		{`"joe doe"@example.com`, other, ""},
		{"Joe <joe@example.com>", other, ""},
		{"<joe@example.com>", other, ""},
		{"joe(x)@example.com", other, ""},
		{"joe@example.com(x)", other, ""},
		{"joe@example.com,eve@example.com", other, ""},
		{"mailto:joe@example.com", other, ""},
		{"joe@[127.0.0.1]", other, ""},
		{"joe@127.0.0.1", other, ""},
		{"joe@[IPv6:::1]", other, ""},
		{"joe@::1", other, ""},
		{"joe@example.com:25", other, ""},
		{"joe@example.com.", other, ""},
		{"joe@.example.com", other, ""},
		{"joe@example..com", other, ""},
		{"joe@-x.example", other, ""},
		{"joe@x-.example", other, ""},
		{"joe@a_b.example", other, ""},
		{"joe@exa mple.com", other, ""},
		{"joe@*.example", other, ""},
		{"jöe@example.com", other, ""},
		{"ｊoe@example.com", other, ""},
		{"joe＠example.com", other, ""},
		{" joe@example.com", other, ""},
		{"joe@example.com ", other, ""},
		{"joe@example.com\n", other, ""},
		{"joe@example.com\r\nBcc: eve@example.com", other, ""},
		{"joe\r\n@example.com", other, ""},
		{"joe@\x00example.com", other, ""},
		{"joe\x00@example.com", other, ""},
		{"joe@exa\xffmple.com", other, ""},
		{"joe\xff@example.com", other, ""},

		// length
		{"", tooShort, ""},
		{strings.Repeat("x", 64) + "@example.com", good, strings.Repeat("x", 64) + "@example.com"},
		{strings.Repeat("x", 65) + "@example.com", other, ""},
		{"joe@" + label + ".com", good, "joe@" + label + ".com"},
		{"joe@x" + label + ".com", other, ""},
		{label[:59] + "@" + long + "co", good, label[:59] + "@" + long + "co"},
		{label[:60] + "@" + long + "co", tooLong, ""},
		{"x@" + long + label[:60], good, "x@" + long + label[:60]},
		{"x@" + long + label[:61], tooLong, ""},
		{"x@" + long + label[:62], other, ""},
		{strings.Repeat("x", 1<<20) + "@example.com", tooLong, ""},
		{"x@" + strings.Repeat("ü", 1<<20), tooLong, ""},
	}
	for _, tt := range tests {
		kept, err := rules.Email(tt.address)
		if got := fault(t, tt.address, err); got != tt.want || kept != tt.kept {
			t.Errorf("%d bytes, %q: kept %q, %v", len(tt.address), tt.address, kept, err)
		}
		holdEmail(t, tt.address)
	}
}

func TestFoldEmail(t *testing.T) {
	for address, want := range map[string]string{
		"": "", "Joe@Example.COM": "joe@example.com", "JÖE@x": "jÖe@x", "JOE\xff": "joe\xff",
	} {
		if got := rules.FoldEmail(address); got != want {
			t.Errorf("%q is folded to %q", address, got)
		}
	}
}

// holdEmail is what callers rely on, whatever the address.
func holdEmail(t *testing.T, address string) {
	t.Helper()
	folded := rules.FoldEmail(address)
	if again := rules.FoldEmail(folded); again != folded || folded != asciiLower(address) {
		t.Errorf("%q is folded to %q and that to %q", address, folded, again)
	}
	kept, err := rules.Email(address)
	if err != nil {
		if fault(t, address, err); kept != "" {
			t.Errorf("%q is refused and kept as %q", address, kept)
		}
		return
	}
	if again, err := rules.Email(kept); err != nil || again != kept {
		t.Errorf("%q is kept as %q and that as %q: %v", address, kept, again, err)
	}
	if _, err := rules.Email(rules.FoldEmail(kept)); err != nil {
		t.Errorf("%q is not an address when it is folded: %v", kept, err)
	}
	local, domain, _ := strings.Cut(kept, "@")
	refused := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>@[\]`, r) }
	if len(kept) > 254 || len(local) > 64 || !strings.HasPrefix(address, local+"@") || domain == "" ||
		strings.ContainsFunc(local+domain, refused) || domain != asciiLower(domain) {
		t.Errorf("%q is kept as %q", address, kept)
	}
}

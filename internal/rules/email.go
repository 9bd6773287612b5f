package rules

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	longestEmail     = 254 // bytes: a path less its angle brackets (RFC 5321 §4.5.3.1.3)
	longestLocalPart = 64  // bytes (RFC 5321 §4.5.3.1.1)
)

// localPart is the Dot-string of RFC 5321 §4.1.2. A quoted string, though legal, is refused by many who send mail; beyond
// ASCII every server on the way would have to know SMTPUTF8 (RFC 6531).
var localPart = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// domains maps to A-labels and lower case as for a lookup (RFC 5891 §5, UTS 46), within the lengths of DNS.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// Email checks an address and returns it as it is kept: the local part as it is, the domain in A-labels and lower case
// (RFC 5890 §2.3.2.1), so that what is kept is ASCII and kept unchanged when it is checked again. It takes a bare
// address (RFC 5321 §4.1.2), without name, comment or domain literal; the domain may be a single label, such as
// localhost. Whether the domain exists only a message can find out. The error is a *Fault.
func Email(address string) (kept string, err error) {
	at := strings.LastIndexByte(address, '@')
	switch {
	case address == "":
		return "", tooShort("an email address", "1 character")
	case len(address) > longestEmail*utf8.UTFMax:
		return "", tooLong("an email address", "254 characters")
	case at < 0 || !localPart.MatchString(address[:at]):
		return "", refuse("that is not an email address")
	case at > longestLocalPart:
		return "", refuse("an email address has at most 64 characters before the @")
	}
	domain, ok := mailDomain(address[at+1:])
	if !ok {
		return "", refuse("that is not an email address")
	}
	kept = address[:at+1] + domain
	if len(kept) > longestEmail {
		return "", tooLong("an email address", "254 characters")
	}
	return kept, nil
}

// FoldEmail is what addresses are compared by: ASCII letters in lower case, the local part's too, though RFC 5321 §2.4
// lets servers tell them apart, for people do not. It is total, and folding twice is folding once. The domain is left
// as it is, so fold what Email returns, not what was typed.
func FoldEmail(address string) string { return LowerASCII(address) }

// mailDomain is a domain as it is kept. It has no dot at the end (RFC 5321 §4.1.2), and its last label has a letter
// (RFC 3696 §2), or it were an IP address. It is mapped twice because package idna checks some, such as ℵ, which becomes a
// Hebrew letter, against the Bidi Rule only when they come as A-labels.
func mailDomain(typed string) (string, bool) {
	domain, err := domains.ToASCII(typed)
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if err != nil || strings.Trim(last, "0123456789") == "" {
		return "", false
	}
	again, err := domains.ToASCII(domain)
	return domain, err == nil && again == domain
}

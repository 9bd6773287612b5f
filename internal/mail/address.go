package mail

import (
	"errors"
	netmail "net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// CheckFrom says what is wrong with the address that mails come from.
func CheckFrom(text string) error {
	_, err := parseFrom(text)
	return err
}

func parseFrom(text string) (netmail.Address, error) {
	a, err := netmail.ParseAddress(text)
	if err == nil {
		a.Address, err = asciiDomain(a.Address)
	}
	if err != nil {
		return netmail.Address{}, errors.New("must be one email address, as in no-reply@example.com or Example <no-reply@example.com>")
	}
	return *a, nil
}

// parseTo takes a bare address: one with a name, a comment or anything else
// beside it was not meant to be one.
func parseTo(text string) (netmail.Address, error) {
	errInvalid := permanentError{errors.New("the address that the mail is for is not valid")}
	a, err := netmail.ParseAddress(text)
	if err != nil || a.Name != "" || (&netmail.Address{Address: a.Address}).String() != "<"+text+">" {
		return netmail.Address{}, errInvalid
	}
	if a.Address, err = asciiDomain(a.Address); err != nil {
		return netmail.Address{}, errInvalid
	}
	return *a, nil
}

// asciiDomain is the address with its domain as it is in the DNS, so that
// servers need not know RFC 6531 for its sake.
func asciiDomain(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	if isASCII(domain) {
		return address, nil
	}
	domain, err := idna.Lookup.ToASCII(domain)
	return local + "@" + domain, err
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

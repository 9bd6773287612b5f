package rules

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/bidirule"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

const longestUsername = 64 // characters

// Username checks the name of a new account and returns it as it is kept: by the profile UsernameCasePreserved of PRECIS
// (RFC 8265 §3.4), and of that only letters, marks and digits of any script and usernamePunctuation. What is kept is kept
// unchanged when it is checked again, and folded like what was typed. The error is a *Fault.
func Username(name string) (kept string, err error) {
	if len(name) > longestUsername*bytesPerCharacter {
		return "", tooLong("a username", "64 characters")
	}
	kept, err = enforce(casePreserved, name)
	switch {
	case name == "":
		return "", tooShort("a username", "1 character")
	case errors.Is(err, bidirule.ErrInvalid):
		return "", refuse("a username cannot mix writing directions")
	case err != nil || strings.ContainsFunc(kept, notInUsername):
		return "", refuse("a username has only letters, digits and " + usernamePunctuation)
	case utf8.RuneCountInString(kept) > longestUsername:
		return "", tooLong("a username", "64 characters")
	case startsWithMark(kept):
		return "", refuse("a username cannot start with a combining mark")
	case isReserved(kept):
		return "", refuse("that username is reserved")
	}
	return kept, nil
}

// SignUpName is Username for people who name themselves: it refuses an at sign too, because a login name that has one is
// also looked up as an email address, and nobody shall take the name that is another's address.
func SignUpName(name string) error {
	kept, err := Username(name)
	if err != nil {
		return err
	}
	if strings.Contains(kept, "@") {
		return refuse("a username that you choose yourself cannot have an @")
	}
	return nil
}

// FoldUsername is what usernames are compared by: it is equal for names that differ only in case, width or Unicode form
// (UsernameCaseMapped, RFC 8265 §3.3). Of what PRECIS refuses, which can be in the database by other ways, ASCII letters
// alone become lower case, as with SQL's lower(). It is total, and folding twice is folding once.
func FoldUsername(name string) string {
	if len(name) <= longestUsername*bytesPerCharacter {
		if folded, err := enforce(caseMapped, name); err == nil {
			return folded
		}
	}
	return LowerASCII(name)
}

// The profiles of package precis less its Bidi Rule, which it applies to every name beyond ASCII: müller_ and 1ü would be
// refused. RFC 8265 §3.3.2 and §3.4.2 apply it to names that have right-to-left characters. Applying one of the two
// again changes nothing, which RFC 8264 §7 does not promise but the tests found of every character.
var (
	casePreserved = precis.NewIdentifier(precis.FoldWidth, precis.Norm(norm.NFC))
	caseMapped    = precis.NewIdentifier(precis.FoldWidth, precis.LowerCase(), precis.Norm(norm.NFC))
)

func enforce(profile *precis.Profile, name string) (string, error) {
	enforced, err := profile.String(name)
	if err != nil {
		return "", err
	}
	if bidirule.DirectionString(enforced) != bidi.LeftToRight && !bidirule.ValidString(enforced) {
		return "", bidirule.ErrInvalid
	}
	return enforced, nil
}

// usernamePunctuation is what addresses are made of, less what a path has to escape (RFC 3986 §3.3).
const usernamePunctuation = "._-+@'"

// notInUsername also refuses the joiners and middle dots that PRECIS allows in places, for they are hard to see.
func notInUsername(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune(usernamePunctuation, r)
}

func startsWithMark(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.M, first)
}

// isReserved is true for what a path of URLs cannot have or has another meaning for: /users/me is whoever asks.
func isReserved(name string) bool {
	return name == "." || name == ".." || FoldUsername(name) == "me"
}

// LowerASCII makes ASCII letters lower case, which is what SQL's lower() does on every engine.
func LowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

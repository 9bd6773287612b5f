package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const longestFullName = 200 // characters

// FullName checks how a person is called and returns it as it is kept: in NFC, with ordinary spaces for any others and
// none at the ends, as RFC 8266 §2.1 does with nicknames. What is kept is kept unchanged when it is checked again.
// An empty name is refused: who has none gives none. The error is a *Fault.
func FullName(name string) (kept string, err error) {
	if len(name) > longestFullName*bytesPerCharacter {
		return "", tooLong("a full name", "200 characters")
	}
	kept = norm.NFC.String(strings.Trim(strings.Map(ordinarySpace, name), " "))
	switch {
	case name == "":
		return "", tooShort("a full name", "1 character")
	case !utf8.ValidString(name) || strings.ContainsFunc(kept, notInFullName):
		return "", refuse("a full name has only characters that can be printed")
	case !strings.ContainsFunc(kept, isVisible):
		return "", refuse("a full name has a character that can be seen")
	case utf8.RuneCountInString(kept) > longestFullName:
		return "", tooLong("a full name", "200 characters")
	}
	return kept, nil
}

// notInFullName lets the joiners pass, which Persian and Sinhala names are spelled with, and refuses what else cannot
// be seen: it serves to make names that look like others, or to turn the text around them. So goes a tower of more than
// 30 marks, into which package norm puts U+034F.
func notInFullName(r rune) bool {
	const joiners = "\u200c\u200d"
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		!unicode.IsPrint(r) && !strings.ContainsRune(joiners, r)
}

func isVisible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}

func ordinarySpace(r rune) rune {
	if unicode.Is(unicode.Zs, r) {
		return ' '
	}
	return r
}

package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	shortestPassword = 8    // characters (NIST SP 800-63B §5.1.1.2)
	longestPassword  = 1024 // bytes
)

// Password says why a new password is refused, or nil. Any character may be in it, and no kind of character has to be
// (NIST SP 800-63B §5.1.1.2); what is easily guessed is refused. about are the username and the address of the account,
// as far as they are known. The error is a *Fault.
func Password(password string, about ...string) error {
	if len(password) > longestPassword {
		return tooLong("a password", "1024 bytes")
	}
	if !utf8.ValidString(password) {
		return refuse("a password is valid UTF-8")
	}
	if utf8.RuneCountInString(NormalPassword(password)) < shortestPassword {
		return tooShort("a password", "8 characters")
	}
	return guessable(password, about)
}

// NormalPassword is what is hashed and compared: the password in NFC, so that it is the same from every keyboard
// (NIST SP 800-63B §5.1.1.2, RFC 8265 §4.2). What is not UTF-8 is returned as it is.
func NormalPassword(password string) string {
	if !utf8.ValidString(password) {
		return password
	}
	return norm.NFC.String(password)
}

// guessable refuses what a guesser tries first: few and well-known variations, for a rule that nobody can foresee
// only annoys, and the limit of attempts is what stops the others.
func guessable(password string, about []string) error {
	folded := foldPassword(password)
	_, size := utf8.DecodeRuneInString(folded)
	if strings.Trim(folded, folded[:size]) == "" {
		return refuse("a password cannot be one character repeated")
	}
	own := ownWords(about)
	for _, stem := range stems(folded) {
		if slices.Contains(own, stem) {
			return refuse("a password cannot be the username or the email address, nor that and digits")
		}
		if isCommon(stem) {
			return refuse("that password is too common")
		}
	}
	return nil
}

// foldPassword makes letters equal that differ in case, width or Unicode form; only comparisons see it.
func foldPassword(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// ownWords are the username, the address and its local part, folded.
func ownWords(about []string) []string {
	var words []string
	for _, a := range about {
		local, _, _ := strings.Cut(a, "@")
		words = append(words, foldPassword(a), foldPassword(local))
	}
	return words
}

// Simple leet: what 1 stands for depends on the word.
var (
	leetL = strings.NewReplacer("@", "a", "0", "o", "1", "l", "3", "e", "$", "s", "5", "s", "7", "t")
	leetI = strings.NewReplacer("@", "a", "0", "o", "1", "i", "3", "e", "$", "s", "5", "s", "7", "t")
)

// stems are what a folded password may be made from: itself, and itself less some of the digits and marks at its end,
// each also read as leet. None is shorter than four bytes, for then the digits are most of the password.
func stems(folded string) []string {
	const shortest = 4
	var all []string
	first := max(shortest, len(strings.TrimRight(folded, "0123456789!.?")))
	for _, spelling := range []string{folded, leetL.Replace(folded), leetI.Replace(folded)} {
		for end := first; end <= len(folded); end++ {
			all = append(all, spelling[:end])
		}
	}
	return all
}

// Package rules says what a username, an email address, a full name and a password may be, how each is kept, and by
// what names and addresses are compared. It knows text only: whether a name is taken is for others to say.
package rules

import "fmt"

// bytesPerCharacter is what a character in NFC had at most before: four code points of four bytes. A value with more
// bytes than that has too many characters, and is not looked at.
const bytesPerCharacter = 16

// Fault is why a value is refused. It never has the value, or a part of it, in it.
type Fault struct { //nolint:errname // it describes a value first, and is an error second
	Type string // Pydantic's name of the fault: string_too_short, string_too_long or value_error
	Msg  string // in Pydantic's words, for models.FieldError

	sentence string
}

// Error is for a command line: it names what is refused, which Msg leaves to the location beside it.
func (f *Fault) Error() string { return f.sentence }

// refuse is the fault that no other type names.
func refuse(sentence string) *Fault {
	return &Fault{Type: "value_error", Msg: "Value error, " + sentence, sentence: sentence}
}

// tooShort and tooLong take a limit with its unit, such as "8 characters".
func tooShort(what, limit string) *Fault {
	return &Fault{
		Type: "string_too_short", Msg: "String should have at least " + limit,
		sentence: fmt.Sprintf("%s has at least %s", what, limit),
	}
}

func tooLong(what, limit string) *Fault {
	return &Fault{
		Type: "string_too_long", Msg: "String should have at most " + limit,
		sentence: fmt.Sprintf("%s has at most %s", what, limit),
	}
}

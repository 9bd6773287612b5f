package models

// ErrorAnswer is the body of every error that has no shape of its own.
type ErrorAnswer struct {
	Detail string `json:"detail" validate:"required" example:"Not Found"`
}

// OAuthErrorAnswer is the body of an error at an OAuth endpoint (RFC 6749
// §5.2), with FastAPI's detail beside the standard members.
type OAuthErrorAnswer struct {
	Detail           string `json:"detail" validate:"required" example:"Incorrect username or password"`
	Error            string `json:"error" validate:"required" example:"invalid_grant"`
	ErrorDescription string `json:"error_description" validate:"required" example:"Incorrect username or password"`
}

// ValidationErrorAnswer is the body of a 422: every fault at once.
type ValidationErrorAnswer struct {
	Detail []FieldError `json:"detail" validate:"required"`
}

// StatusAnswer says that a probe is content.
type StatusAnswer struct {
	Status string `json:"status" validate:"required" example:"ok"`
}

// Page is one page of a list.
type Page[T any] struct {
	Data []T `json:"data" validate:"required"`
	// Next is the cursor of the page that follows, null on the last one.
	Next *string `json:"next" validate:"required" extensions:"x-nullable" example:"AZqEr1YHfQKZ0fS0T3hY6g"`
}

// PageQuery asks for a page of a list.
type PageQuery struct {
	Limit  int    // how many entries, 1 to MaxPageLimit
	Cursor string // Page.Next of the page before; empty for the first
}

// Limits of PageQuery.Limit.
const (
	DefaultPageLimit = 20
	MaxPageLimit     = 100
)

// BadCursor refuses a cursor that no page of the list gave.
func BadCursor() *Error {
	return Invalid(FieldError{
		Type: "value_error", Loc: []any{"query", "cursor"}, Msg: "Value error, not a cursor of this list",
	})
}

// KeySet is a JSON Web Key Set with public keys (RFC 7517 §5).
type KeySet struct {
	Keys []Key `json:"keys" validate:"required"`
}

// Key is a public key (RFC 7517 §4, RFC 7518 §6). Which members follow Alg
// depends on its type.
type Key struct {
	KeyType   string `json:"kty" validate:"required" example:"EC"`
	Use       string `json:"use" validate:"required" example:"sig"`
	KeyID     string `json:"kid" validate:"required" example:"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"`
	Algorithm string `json:"alg" validate:"required" example:"ES256"`
	Curve     string `json:"crv,omitempty" example:"P-256"`
	X         string `json:"x,omitempty" example:"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"`
	Y         string `json:"y,omitempty" example:"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"`
	Modulus   string `json:"n,omitempty"`
	Exponent  string `json:"e,omitempty"`
}

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

package bench

import (
	"encoding/json"
	"testing"

	"latchkey/internal/tools/drive"
	"latchkey/models"
)

// login is the request that logs the demo user in.
func login() []byte { return drive.LogIn("johndoe", "secret") }

// once sends one request on a connection of its own.
func once(b *testing.B, addr string, request []byte) []byte {
	b.Helper()
	body, err := drive.Once(b.Context(), addr, request)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// logIn is an access token of the demo user.
func logIn(b *testing.B, addr string) string {
	b.Helper()
	var answer models.TokenAnswer
	if err := json.Unmarshal(once(b, addr, login()), &answer); err != nil {
		b.Fatal(err)
	}
	return answer.AccessToken
}

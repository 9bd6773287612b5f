package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

const (
	goodPassword  = "correct horse battery"
	otherPassword = "violet otter staple"
)

// Subjects of mails begin with these.
const (
	confirmMail = "Please confirm"
	resetMail   = "Choose a new password"
	changeMail  = "A new email address"
	changedMail = "Your password"
)

const (
	badToken      = `{"detail":"The token is invalid or has expired"}`
	wrongPassword = `{"detail":"Incorrect password"}`
	tooMany       = `{"detail":"Too many attempts, try again later"}`
	wrongLogin    = `{"detail":"Incorrect username or password","error":"invalid_grant","error_description":"Incorrect username or password"}`
	lastAdmin     = `{"detail":"This is the last administrator"}`
	emailTaken    = `{"detail":"The email is taken"}`
	usernameTaken = `{"detail":"The username is taken"}`
	userNotFound  = `{"detail":"User not found"}`
	noPermission  = `{"detail":"Not enough permissions"}`
)

// body is JSON of members that alternate between names and values.
func body(members ...any) string {
	object := map[string]any{}
	for i := 0; i < len(members); i += 2 {
		object[members[i].(string)] = members[i+1] //nolint:errcheck,forcetypeassert // as it is called
	}
	text, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// expect complains about another answer; an empty want is any body.
func expect(t *testing.T, what string, got apitest.Response, status int, want string) {
	t.Helper()
	if got.Status != status || want != "" && got.Body != want {
		t.Errorf("%s: answer\n%d %s\nwant\n%d %s", what, got.Status, got.Body, status, want)
	}
}

// post sends JSON without a token.
func post(s *apitest.Server, path string, members ...any) apitest.Response {
	return s.JSON(http.MethodPost, path, "", body(members...))
}

// signUp creates an account with goodPassword, and an email if it is not empty.
func signUp(t *testing.T, s *apitest.Server, username, email string) models.User {
	t.Helper()
	members := []any{"username", username, "password", goodPassword}
	if email != "" {
		members = append(members, "email", email)
	}
	got := post(s, "/users/", members...)
	if got.Status != http.StatusCreated {
		t.Fatalf("sign up %s: %d %s", username, got.Status, got.Body)
	}
	return apitest.Decode[models.User](s, got)
}

// signUpVerified also proves the email.
func signUpVerified(t *testing.T, s *apitest.Server, box *apitest.Mailbox, username, email string) models.User {
	t.Helper()
	user := signUp(t, s, username, email)
	expect(t, "verify", post(s, "/verify-email", "token", box.WaitFor(email, confirmMail).Token), http.StatusNoContent, "")
	return user
}

// recovery asks for a mail and returns the token in it.
func recovery(t *testing.T, s *apitest.Server, box *apitest.Mailbox, email string) string {
	t.Helper()
	expect(t, "recover", post(s, "/password-recovery", "email", email), http.StatusAccepted, "")
	return box.WaitFor(email, resetMail).Token
}

// me is the caller.
func me(s *apitest.Server, token string) models.User {
	return apitest.Decode[models.User](s, s.Get("/users/me", token))
}

// login is an attempt whose answer does not matter yet.
func login(s *apitest.Server, username, password string, headers ...string) apitest.Response {
	form := strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", " ", "+")
	return s.Send(http.MethodPost, "/token", "username="+form.Replace(username)+"&password="+form.Replace(password),
		append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
}

// atOnce makes n requests at the same time and counts the answers.
func atOnce(n int, request func(i int) apitest.Response) map[string]int {
	var mu sync.Mutex
	var together sync.WaitGroup
	answers := map[string]int{}
	start := make(chan struct{})
	for i := range n {
		together.Go(func() {
			<-start
			got := request(i)
			mu.Lock()
			defer mu.Unlock()
			if got.Status < http.StatusMultipleChoices {
				got.Body = "" // has names and times in it
			}
			answers[fmt.Sprint(got.Status, got.Body)]++
		})
	}
	close(start)
	together.Wait()
	return answers
}

// queueEmpty waits until no mail is to be sent any more.
func queueEmpty(t *testing.T, s *apitest.Server) {
	t.Helper()
	apitest.Eventually(t, "an empty queue of mails", func() bool { return s.Int(`SELECT count(*) FROM mails`) == 0 })
}

package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

const tooManyLogins = `{"detail":"Too many attempts, try again later","error":"temporarily_unavailable","error_description":"Too many attempts, try again later"}`

// from is the header by which a proxy names the client.
func from(address string) []string { return []string{"X-Forwarded-For", address} }

// retryAfter is the header of a refusal.
func retryAfter(t *testing.T, got apitest.Response) time.Duration {
	t.Helper()
	seconds, err := strconv.Atoi(got.Header.Get("Retry-After"))
	if err != nil || seconds < 1 || got.Status != http.StatusTooManyRequests {
		t.Fatalf("%d %s, Retry-After %q", got.Status, got.Body, got.Header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// exhaust guesses until that is limited.
func exhaust(t *testing.T, s *apitest.Server, username string, headers ...string) {
	t.Helper()
	for range 5 {
		expect(t, "a guess", login(s, username, "a wrong guess", headers...), http.StatusBadRequest, wrongLogin)
	}
	expect(t, "one more", login(s, username, "a wrong guess", headers...), http.StatusTooManyRequests, tooManyLogins)
}

func TestGuessingIsSlowedDown(t *testing.T) {
	s := apitest.Start(t, "--trusted-proxies=127.0.0.1")
	s.Clock.Freeze()
	signUp(t, s, "ada", "")
	for _, username := range []string{"ada", "nobody"} { // in the same way
		exhaust(t, s, username, from("203.0.113.7")...)
		before := time.Duration(0)
		for range 4 {
			wait := retryAfter(t, login(s, username, goodPassword, from("203.0.113.7")...)) // though it is right
			if wait <= before {
				t.Errorf("%s after %s", wait, before)
			}
			before = wait
			for _, spelling := range []string{"ADA", "ａｄａ"} {
				if username == "ada" {
					expect(t, spelling, login(s, spelling, goodPassword, from("203.0.113.7")...), http.StatusTooManyRequests, tooManyLogins)
				}
			}
			s.Clock.Advance(wait)
			expect(t, "the next", login(s, username, "a wrong guess", from("203.0.113.7")...), http.StatusBadRequest, wrongLogin)
		}
	}
	expect(t, "the honest user elsewhere", login(s, "ada", goodPassword, from("203.0.113.8")...), http.StatusOK, "")
	wait := retryAfter(t, login(s, "ada", goodPassword, from("203.0.113.7")...))
	s.Restart()
	expect(t, "after a restart", login(s, "ada", goodPassword, from("203.0.113.7")...), http.StatusTooManyRequests, tooManyLogins)
	s.Clock.Advance(wait)
	expect(t, "after the wait", login(s, "ada", goodPassword, from("203.0.113.7")...), http.StatusOK, "")
	for range 4 {
		expect(t, "it begins anew", login(s, "ada", "a wrong guess", from("203.0.113.7")...), http.StatusBadRequest, wrongLogin)
	}
	expect(t, "the fifth is right", login(s, "ada", goodPassword, from("203.0.113.7")...), http.StatusOK, "")
}

// From many addresses an account gets a limit of its own, which its owner does
// not meet where they have logged in before.
func TestGuessingFromEverywhere(t *testing.T) {
	s := apitest.Start(t, "--trusted-proxies=127.0.0.1")
	s.Clock.Freeze()
	signUp(t, s, "ada", "")
	expect(t, "at home", login(s, "ada", goodPassword, from("192.0.2.1")...), http.StatusOK, "")
	for network := range 10 {
		answers := atOnce(10, func(i int) apitest.Response {
			return login(s, "ada", "a wrong guess", from(fmt.Sprintf("203.0.113.%d", network*10+i))...)
		})
		if answers["400"+wrongLogin] != 10 {
			t.Fatal(answers)
		}
	}
	expect(t, "somewhere new", login(s, "ada", goodPassword, from("192.0.2.2")...), http.StatusTooManyRequests, tooManyLogins)
	expect(t, "at home", login(s, "ada", goodPassword, from("192.0.2.1")...), http.StatusOK, "")
	expect(t, "another account", login(s, "johndoe", "secret", from("203.0.113.1")...), http.StatusOK, "")
}

func TestRefusedGuessesAreNotHashed(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	s.Exec(`UPDATE users SET hashed_password = 'unreadable' WHERE username = 'johndoe'`) // which is logged when it is looked at
	exhaust(t, s, "johndoe")
	for range 20 {
		expect(t, "a guess", login(s, "johndoe", "secret"), http.StatusTooManyRequests, tooManyLogins)
	}
	if n := strings.Count(s.Log.String(), "a user's password hash cannot be read"); n != 5 {
		t.Errorf("the hash was looked at %d times", n)
	}
}

func TestForgedHeadersChangeNothing(t *testing.T) {
	for name, flags := range map[string][]string{"no proxy": nil, "another proxy": {"--trusted-proxies=192.0.2.0/24"}} {
		t.Run(name, func(t *testing.T) {
			s := apitest.Start(t, flags...)
			s.Clock.Freeze()
			for i := range 5 {
				headers := append(from("203.0.113."+strconv.Itoa(i)), "X-Real-IP", "198.51.100."+strconv.Itoa(i), "Forwarded", "for=192.0.2."+strconv.Itoa(i))
				expect(t, "a guess", login(s, "johndoe", "a wrong guess", headers...), http.StatusBadRequest, wrongLogin)
			}
			expect(t, "one more", login(s, "johndoe", "secret", from("203.0.113.9")...), http.StatusTooManyRequests, tooManyLogins)
			if n := s.Int(`SELECT count(*) FROM events WHERE address <> '127.0.0.1'`); n != 0 {
				t.Errorf("%d events from elsewhere", n)
			}
		})
	}
	t.Run("in front of the proxy's", func(t *testing.T) {
		s := apitest.Start(t, "--trusted-proxies=127.0.0.1")
		s.Clock.Freeze()
		for i := range 5 {
			got := login(s, "johndoe", "a wrong guess", from("198.51.100."+strconv.Itoa(i)+", 203.0.113.7")...)
			expect(t, "a guess", got, http.StatusBadRequest, wrongLogin)
		}
		expect(t, "one more", login(s, "johndoe", "secret", from("198.51.100.9, 203.0.113.7")...), http.StatusTooManyRequests, tooManyLogins)
		expect(t, "another client", login(s, "johndoe", "secret", from("203.0.113.7, 198.51.100.9")...), http.StatusOK, "")
	})
}

// Whoever has stolen an access token cannot guess the password with it.
func TestConfirmationsAreLimitedAsLoginsAre(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	signUp(t, s, "ada", "")
	token := s.LogIn("ada", goodPassword)
	change := func(current string) apitest.Response {
		return s.JSON(http.MethodPut, "/users/me/password", token, body("current_password", current, "new_password", otherPassword))
	}
	leave := func(password string) apitest.Response {
		return s.JSON(http.MethodDelete, "/users/me", token, body("password", password))
	}
	for range 2 {
		expect(t, "change", change("a wrong guess"), http.StatusBadRequest, wrongPassword)
		expect(t, "delete", leave("a wrong guess"), http.StatusBadRequest, wrongPassword)
	}
	expect(t, "login", login(s, "ada", "a wrong guess"), http.StatusBadRequest, wrongLogin)
	expect(t, "change", change(goodPassword), http.StatusTooManyRequests, tooMany)
	expect(t, "delete", leave(goodPassword), http.StatusTooManyRequests, tooMany)
	got := leave(goodPassword)
	expect(t, "login", login(s, "ada", goodPassword), http.StatusTooManyRequests, tooManyLogins)
	s.Clock.Advance(retryAfter(t, got))
	expect(t, "change", change(goodPassword), http.StatusNoContent, "")
	for range 5 {
		expect(t, "no mistake", s.JSON(http.MethodPut, "/users/me/password", token, body("current_password", otherPassword, "new_password", "short")),
			http.StatusUnprocessableEntity, "")
	}
	expect(t, "delete", leave(otherPassword), http.StatusNoContent, "")
}

func TestSignUpAndRecoveryAreLimited(t *testing.T) {
	s := apitest.Start(t, "--trusted-proxies=127.0.0.1")
	s.Clock.Freeze()
	signUp(t, s, "ada", "ada@example.com")
	request := func(path, text, address string) apitest.Response {
		return s.Send(http.MethodPost, path, text, append(from(address), "Content-Type", "application/json")...)
	}
	taken := body("username", "ada", "password", goodPassword) // costs no hash
	for range 50 {
		expect(t, "sign-up", request("/users/", taken, "203.0.113.7"), http.StatusConflict, usernameTaken)
	}
	got := request("/users/", taken, "203.0.113.7")
	expect(t, "sign-up", got, http.StatusTooManyRequests, tooMany)
	expect(t, "from elsewhere", request("/users/", taken, "203.0.113.8"), http.StatusConflict, usernameTaken)
	s.Clock.Advance(retryAfter(t, got))
	expect(t, "later", request("/users/", taken, "203.0.113.7"), http.StatusConflict, usernameTaken)

	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		for range 5 {
			expect(t, email, request("/password-recovery", body("email", email), "203.0.113.7"), http.StatusAccepted, recoveryAnswer)
		}
		got := request("/password-recovery", body("email", "A"+email[1:]), "203.0.113.7")
		if email[0] == 'n' {
			got = request("/password-recovery", body("email", "N"+email[1:]), "203.0.113.7")
		}
		expect(t, email, got, http.StatusTooManyRequests, tooMany)
		expect(t, "from elsewhere", request("/password-recovery", body("email", email), "203.0.113.8"), http.StatusAccepted, recoveryAnswer)
		s.Clock.Advance(retryAfter(t, got))
		expect(t, "later", request("/password-recovery", body("email", email), "203.0.113.7"), http.StatusAccepted, recoveryAnswer)
	}
}

func TestLimitsCanBeTurnedOff(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	for range 10 {
		expect(t, "a guess", login(s, "johndoe", "a wrong guess"), http.StatusBadRequest, wrongLogin)
		expect(t, "recover", post(s, "/password-recovery", "email", "johndoe@example.com"), http.StatusAccepted, "")
	}
	if n := s.Int(`SELECT count(*) FROM attempts`); n != 0 {
		t.Errorf("%d counts", n)
	}
}

func TestGuessesAtOnceAreCountedEach(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	answers := atOnce(20, func(int) apitest.Response { return login(s, "johndoe", "a wrong guess") })
	if answers["400"+wrongLogin] != 5 || answers["429"+tooManyLogins] != 15 {
		t.Errorf("%v", answers)
	}
}

// Mails go to whomever the caller likes, so they are limited as recovery is.
func TestMailsToAnotherAddressAreLimited(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	signUp(t, s, "eve", "eve@example.com")
	token := s.LogIn("eve", goodPassword)
	patch := func(email any) apitest.Response {
		return s.JSON(http.MethodPatch, "/users/me", token, body("email", email))
	}
	for range 3 {
		expect(t, "another", patch("victim@bücher.example"), http.StatusOK, "")
		expect(t, "the present one", patch("eve@example.com"), http.StatusOK, "")
	}
	for range 2 {
		expect(t, "recovery counts too", post(s, "/password-recovery", "email", "VICTIM@bücher.example"), http.StatusAccepted, recoveryAnswer)
	}
	expect(t, "one too many", patch("Victim@BÜCHER.example"), http.StatusTooManyRequests, tooMany)
	expect(t, "none", patch(nil), http.StatusOK, "")
	expect(t, "a third", patch("eve@example.org"), http.StatusOK, "")
	if user := me(s, token); user.PendingEmail == nil || *user.PendingEmail != "eve@example.org" {
		t.Errorf("%+v", user)
	}
}

func TestTryingWhoseAddressIsTakenIsLimited(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	signUp(t, s, "eve", "")
	token := s.LogIn("eve", goodPassword)
	patch := func() apitest.Response {
		return s.JSON(http.MethodPatch, "/users/me", token, body("email", "johndoe@example.com"))
	}
	for range 5 {
		expect(t, "taken", patch(), http.StatusConflict, emailTaken)
	}
	expect(t, "one too many", patch(), http.StatusTooManyRequests, tooMany)
}

package middleware_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
)

// Member is a user of this application. The middleware has never heard of it.
type Member struct {
	Nickname string
	Left     bool
}

// session is what this application keeps of a login.
type session struct {
	member Member
	scopes []string
}

// sessions is where it keeps them, by bearer token.
var sessions = map[string]session{
	"ada-token": {Member{Nickname: "ada"}, []string{"books:read", "books:lend"}},
	"bob-token": {Member{Nickname: "bob"}, []string{"books:read"}},
	"cyd-token": {Member{Nickname: "cyd", Left: true}, []string{"books:read"}},
}

// findMember is all that the middleware asks of this application.
func findMember(_ context.Context, token string) (Member, []string, error) {
	found, ok := sessions[token]
	if !ok {
		return Member{}, nil, middleware.InvalidToken("The access token is unknown", nil)
	}
	return found.member, found.scopes, nil
}

func isMember(m Member) bool { return !m.Left }

// A whole application, with users and storage of its own.
func Example() {
	app := gin.New()

	// Everything below /books/ is for members who have not left.
	books := app.Group("/books/", middleware.CurrentActiveUser(findMember, isMember))
	books.GET("", middleware.RequireScopes("books:read"), func(c *gin.Context) {
		member, _ := middleware.User[Member](c)
		c.JSON(http.StatusOK, gin.H{"reader": member.Nickname})
	})
	books.POST("lend", middleware.RequireScopes("books:lend"), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"granted": middleware.Scopes(c)})
	})

	show(app, "GET", "/books/", "ada-token")
	show(app, "POST", "/books/lend", "ada-token")
	show(app, "POST", "/books/lend", "bob-token")
	show(app, "GET", "/books/", "cyd-token")
	show(app, "GET", "/books/", "forged-token")
	show(app, "GET", "/books/", "")
	// Output:
	// 200 {"reader":"ada"}
	// 200 {"granted":["books:read","books:lend"]}
	// 403 {"detail":"Not enough permissions"}
	//     WWW-Authenticate: Bearer error="insufficient_scope", scope="books:lend"
	// 400 {"detail":"Inactive user"}
	// 401 {"detail":"Invalid authentication credentials"}
	//     WWW-Authenticate: Bearer error="invalid_token", error_description="The access token is unknown"
	// 401 {"detail":"Not authenticated"}
	//     WWW-Authenticate: Bearer
}

// show sends a request, with the token if there is one, and prints the answer.
func show(app http.Handler, method, path, token string) {
	request := httptest.NewRequest(method, path, nil)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)
	if challenge := answer.Header().Get("WWW-Authenticate"); challenge != "" {
		fmt.Println("    WWW-Authenticate:", challenge)
	}
}

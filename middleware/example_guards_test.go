package middleware_test

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
)

// The first chapter of FastAPI's tutorial: a route for whoever sends a token,
// which shows the token. Whose it is, nobody asks.
func ExampleOAuth2PasswordBearer() {
	app := gin.New()
	app.GET("/items/", middleware.OAuth2PasswordBearer(), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"token": middleware.Token(c)})
	})

	show(app, "GET", "/items/", "whatever")
	show(app, "GET", "/items/", "")
	// Output:
	// 200 {"token":"whatever"}
	// 401 {"detail":"Not authenticated"}
	//     WWW-Authenticate: Bearer
}

// The user, whether active or not.
func ExampleCurrentUser() {
	app := gin.New()
	app.GET("/me", middleware.CurrentUser(findMember), func(c *gin.Context) {
		member, _ := middleware.User[Member](c)
		c.JSON(http.StatusOK, member)
	})

	show(app, "GET", "/me", "ada-token")
	show(app, "GET", "/me", "cyd-token")
	// Output:
	// 200 {"Nickname":"ada","Left":false}
	// 200 {"Nickname":"cyd","Left":true}
}

// The user, if the application says that it is active.
func ExampleCurrentActiveUser() {
	app := gin.New()
	app.GET("/me", middleware.CurrentActiveUser(findMember, isMember), func(c *gin.Context) {
		member, _ := middleware.User[Member](c)
		c.JSON(http.StatusOK, member)
	})

	show(app, "GET", "/me", "ada-token")
	show(app, "GET", "/me", "cyd-token")
	// Output:
	// 200 {"Nickname":"ada","Left":false}
	// 400 {"detail":"Inactive user"}
}

// A route that asks for more than its group does.
func ExampleRequireScopes() {
	app := gin.New()
	books := app.Group("/books/", middleware.CurrentUser(findMember), middleware.RequireScopes("books:read"))
	books.DELETE("1", middleware.RequireScopes("books:lend"), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"granted": middleware.Scopes(c)})
	})

	show(app, "DELETE", "/books/1", "ada-token")
	show(app, "DELETE", "/books/1", "bob-token")
	// Output:
	// 200 {"granted":["books:read","books:lend"]}
	// 403 {"detail":"Not enough permissions"}
	//     WWW-Authenticate: Bearer error="insufficient_scope", scope="books:lend"
}

// A page for everybody, which greets those who are logged in. It is what
// auto_error=False is for in FastAPI.
func ExampleOptionalUser() {
	app := gin.New()
	app.GET("/", middleware.OptionalUser(findMember), func(c *gin.Context) {
		member, ok := middleware.User[Member](c)
		if !ok {
			member.Nickname = "stranger"
		}
		c.JSON(http.StatusOK, gin.H{"hello": member.Nickname})
	})

	show(app, "GET", "/", "")
	show(app, "GET", "/", "ada-token")
	show(app, "GET", "/", "forged-token")
	// Output:
	// 200 {"hello":"stranger"}
	// 200 {"hello":"ada"}
	// 401 {"detail":"Invalid authentication credentials"}
	//     WWW-Authenticate: Bearer error="invalid_token", error_description="The access token is unknown"
}

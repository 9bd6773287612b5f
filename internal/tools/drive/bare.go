package drive

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// ServeBare answers as the service does, but always the same and to everybody: what is left is Gin, net/http and the
// kernel. It tells out where it listens.
func ServeBare(ctx context.Context, out io.Writer) error {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	user, token := bareUser(), bareToken()
	router.GET("/users/me", func(c *gin.Context) { c.JSON(http.StatusOK, user) })
	router.POST("/token", func(c *gin.Context) { c.JSON(http.StatusOK, token) })
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, listener.Addr())
	server := &http.Server{Handler: router, ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

func bareUser() models.User {
	email, name := "johndoe@example.com", "John Doe"
	return models.User{
		Username: "johndoe", Email: &email, FullName: &name, Scopes: models.ScopeNames(),
		ID: "3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f", CreatedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// bareToken is as long as what the service answers.
func bareToken() models.TokenAnswer {
	return models.TokenAnswer{
		AccessToken: strings.Repeat("e", 560), TokenType: "bearer", ExpiresIn: 1800,
		RefreshToken: strings.Repeat("r", 43), Scope: strings.Join(models.DefaultScopes(), " "),
	}
}

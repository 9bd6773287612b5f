package bench

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// bareVariable tells this program to be the server that the service is compared with.
const bareVariable = "LATCHKEY_BENCH_BARE"

// TestMain is also the entry of the other server: the program runs itself as a child.
func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" {
		fmt.Fprintln(os.Stderr, serveBare())
		os.Exit(1)
	}
	code := m.Run()
	_ = os.Remove(binary) // if it was built
	os.Exit(code)
}

// serveBare answers GET /users/me as the service does, but to everybody: what is left is Gin, net/http and the kernel.
func serveBare() error {
	gin.SetMode(gin.ReleaseMode)
	email, name := "johndoe@example.com", "John Doe"
	user := models.User{
		Username: "johndoe", Email: &email, FullName: &name, Scopes: models.ScopeNames(),
		ID: "3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f", CreatedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
	router := gin.New()
	router.GET("/users/me", func(c *gin.Context) { c.JSON(http.StatusOK, user) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, router)
}

package handlers

import (
	"context"
	"io/fs"
	"net/http"
	"slices"
	"sync"

	"github.com/gin-gonic/gin"
	swaggerfiles "github.com/swaggo/files/v2"
	ginswagger "github.com/swaggo/gin-swagger"
	"golang.org/x/net/webdav"
)

// swaggerUINames are the files of Swagger UI that the page uses.
var swaggerUINames = []string{"swagger-ui.css", "swagger-ui-bundle.js"}

// swaggerUI is gin-swagger with the files of Swagger UI 5: gin-swagger's own
// are of version 4, which does not read OpenAPI 3.1.
var swaggerUI = sync.OnceValue(func() gin.HandlerFunc {
	return ginswagger.WrapHandler(&webdav.Handler{
		FileSystem: uiFolder{webdav.NewMemFS()}, LockSystem: webdav.NewMemLS(),
	})
})

func swaggerUIHas(name string) bool { return slices.Contains(swaggerUINames, name) }

// sendSwaggerUI answers with one of Swagger UI's files. gin-swagger takes the
// path in front of the first file it is asked for as that of all others: so
// that no request can lead it astray, it gets to see the same one every time.
func sendSwaggerUI(c *gin.Context, name string) {
	asked := c.Request
	defer func() { c.Request = asked }()
	c.Request = asked.Clone(asked.Context())
	c.Request.URL.Path, c.Request.URL.RawPath = "/"+name, ""
	c.Request.RequestURI = "/" + name
	c.Header("Cache-Control", "no-cache")
	swaggerUI()(c)
}

// uiFolder lets a WebDAV handler read the files that are in the binary. What
// else WebDAV can do, it would do to the empty folder beneath.
type uiFolder struct{ webdav.FileSystem }

// OpenFile implements webdav.FileSystem.
func (uiFolder) OpenFile(_ context.Context, name string, _ int, _ fs.FileMode) (webdav.File, error) {
	opened, err := http.FS(swaggerfiles.FS).Open(name)
	return uiFile{opened, name}, err
}

// uiFile is a file of uiFolder.
type uiFile struct {
	http.File
	name string
}

// Write implements webdav.File.
func (uiFile) Write([]byte) (int, error) { return 0, fs.ErrPermission }

// Stat adds an ETag, for a file in the binary has no time to make one of.
func (f uiFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return uiFileInfo{info, f.name}, err
}

type uiFileInfo struct {
	fs.FileInfo
	name string
}

// ETag implements webdav.ETager.
func (i uiFileInfo) ETag(context.Context) (string, error) { return swaggerUITags()[i.name], nil }

// swaggerUITags are the ETags of Swagger UI's files.
var swaggerUITags = sync.OnceValue(func() map[string]string {
	tags := map[string]string{}
	for _, name := range swaggerUINames {
		content, _ := fs.ReadFile(swaggerfiles.FS, name)
		tags[name] = etag(content)
	}
	return tags
})

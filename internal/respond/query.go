package respond

import (
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"latchkey/models"
)

// Page reads limit and cursor from the query. The cursor is only known to be
// text: who made it reads it.
func Page(c *gin.Context) (models.PageQuery, error) {
	q := models.PageQuery{Limit: models.DefaultPageLimit, Cursor: c.Query("cursor")}
	text, present := c.GetQuery("limit")
	if !present {
		return q, nil
	}
	limit, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return q, models.Invalid(fault("int_parsing",
			"Input should be a valid integer, unable to parse string as an integer", "query", "limit"))
	case limit < 1:
		return q, models.Invalid(fault("greater_than_equal",
			"Input should be greater than or equal to 1", "query", "limit"))
	case limit > models.MaxPageLimit:
		return q, models.Invalid(fault("less_than_equal",
			fmt.Sprintf("Input should be less than or equal to %d", models.MaxPageLimit), "query", "limit"))
	}
	q.Limit = limit
	return q, nil
}

// PathUUID reads a path parameter that has to be a UUID in its usual form of
// 36 characters (RFC 9562 §4).
func PathUUID(c *gin.Context, name string) (string, error) {
	id, err := uuid.Parse(c.Param(name))
	if err != nil || len(c.Param(name)) != len(uuid.Nil.String()) {
		return "", models.Invalid(fault("uuid_parsing", "Input should be a valid UUID", "path", name))
	}
	return id.String(), nil
}

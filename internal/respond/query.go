package respond

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"latchkey/models"
)

// Page reads limit and cursor from the query, of a list that is sorted by
// UUIDs. Of one given twice the last counts, as in FastAPI. The error has every
// fault of the query.
func Page(c *gin.Context) (models.PageQuery, error) { return page(c, models.ReadCursor) }

// PageByName is as Page, of a list that is sorted by some text.
func PageByName(c *gin.Context) (models.PageQuery, error) { return page(c, models.ReadNameCursor) }

// Query is a parameter of the query, of which the last counts; empty if there
// is none. The error says that no engine can look for it.
func Query(c *gin.Context, name string) (string, error) {
	value, _ := last(c.Request.URL.Query()[name])
	if !isText(value) {
		return "", models.Invalid(fault("value_error", "Value error, not a text", "query", name))
	}
	return value, nil
}

// QueryOneOf is a parameter of the query that has to be one of these; empty if
// there is none.
func QueryOneOf[T ~string](c *gin.Context, name string, allowed []T) (T, error) {
	value, err := Query(c, name)
	if err != nil || value == "" || slices.Contains(allowed, T(value)) {
		return T(value), err
	}
	quoted := make([]string, len(allowed))
	for i, a := range allowed {
		quoted[i] = "'" + string(a) + "'"
	}
	return "", models.Invalid(fault("enum", "Input should be "+strings.Join(quoted[:len(quoted)-1], ", ")+
		" or "+quoted[len(quoted)-1], "query", name))
}

// PathText is a path parameter. What no engine can look for is KindNotFound.
func PathText(c *gin.Context, name, notFound string) (string, error) {
	value := c.Param(name)
	if !isText(value) {
		return "", models.NotFound(notFound)
	}
	return value, nil
}

// isText is true for what every engine can store.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func page(c *gin.Context, readCursor func(string) (string, bool)) (models.PageQuery, error) {
	var faults []models.FieldError
	values, err := url.ParseQuery(c.Request.URL.RawQuery) // the pairs that it can read, in spite of an error
	if err != nil {
		faults = append(faults, fault("query_parsing", "The query string is malformed", "query"))
	}
	q := models.PageQuery{Limit: models.DefaultPageLimit}
	if text, present := last(values["limit"]); present {
		q.Limit, err = strconv.Atoi(text)
		faults = append(faults, limitFaults(q.Limit, err)...)
	}
	if text, _ := last(values["cursor"]); text != "" {
		var ok bool
		if q.After, ok = readCursor(text); !ok {
			faults = append(faults, fault("value_error", "Value error, not a cursor of this list", "query", "cursor"))
		}
	}
	if len(faults) > 0 {
		return models.PageQuery{}, models.Invalid(faults...)
	}
	return q, nil
}

func last(values []string) (value string, present bool) {
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

func limitFaults(limit int, err error) []models.FieldError {
	var kind, msg string
	switch {
	case err != nil:
		kind, msg = "int_parsing", "Input should be a valid integer, unable to parse string as an integer"
	case limit < 1:
		kind, msg = "greater_than_equal", "Input should be greater than or equal to 1"
	case limit > models.MaxPageLimit:
		kind, msg = "less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", models.MaxPageLimit)
	default:
		return nil
	}
	return []models.FieldError{fault(kind, msg, "query", "limit")}
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

// Together is nil if all of errs are. It merges those of KindInvalid into one
// with the faults of all, in their order, which should be path, query, body.
// Any other error is returned as it is: it outweighs them.
func Together(errs ...error) error {
	var merged *models.Error
	for _, err := range errs {
		if err == nil {
			continue
		}
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Kind != models.KindInvalid {
			return err
		}
		if merged == nil {
			merged = models.Invalid()
		}
		merged.Fields = append(merged.Fields, e.Fields...)
	}
	if merged == nil {
		return nil
	}
	return merged
}

package handlers

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

// Items is where items are kept, each with an owner. What is somebody else's
// is KindNotFound, as what is not there; storage that is away is
// KindUnavailable.
type Items interface {
	Items(ctx context.Context, ownerID string, q models.PageQuery) (models.ItemPage, error)
	CreateItem(ctx context.Context, ownerID string, n models.NewItem) (models.Item, error)
	Item(ctx context.Context, ownerID, id string) (models.Item, error)
	ChangeItem(ctx context.Context, ownerID, id string, ch models.ItemChanges) (models.Item, error)
	DeleteItem(ctx context.Context, ownerID, id string) error
}

// listItems shows a page of the caller's items.
//
//	@Summary		List your items
//	@Description	Your own items, oldest first, in pages. The next page is asked for with the cursor of this one.
//	@ID				listItems
//	@Tags			items
//	@Produce		json
//	@Param			limit	query		integer	false	"How many items"	minimum(1)	maximum(100)	default(20)
//	@Param			cursor	query		string	false	"The next of the page before"
//	@Success		200		{object}	models.ItemPage
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The query does not validate"
//	@x-example-422	{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}]}
//	@Security		OAuth2PasswordBearer[items:read]
//	@Router			/items/ [get]
func (a *api) listItems(c *gin.Context) error {
	query, err := respond.Page(c)
	if err != nil {
		return err
	}
	page, err := a.items.Items(c.Request.Context(), currentCaller(c).ID, query)
	if err != nil {
		return err
	}
	return answer(c, page)
}

// createItem adds an item of the caller's.
//
//	@Summary	Create an item
//	@ID			createItem
//	@Tags		items
//	@Accept		json
//	@Produce	json
//	@Param		item	body		models.NewItem	true	"The item"
//	@Success	201		{object}	models.Item
//	@Security	OAuth2PasswordBearer[items:write]
//	@Router		/items/ [post]
func (a *api) createItem(c *gin.Context) error {
	body, err := respond.JSON[models.NewItem](c)
	if err != nil {
		return err
	}
	item, err := a.items.CreateItem(c.Request.Context(), currentCaller(c).ID, body)
	if models.KindOf(err) == models.KindNotFound { // the caller was deleted in the meantime
		return models.InvalidToken("The access token is invalid", err)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, item)
	return nil
}

// readItem shows an item of the caller's.
//
//	@Summary		Show an item
//	@ID				readItem
//	@Tags			items
//	@Produce		json
//	@Param			id	path		string	true	"The item's id"	Format(uuid)
//	@Success		200	{object}	models.Item
//	@Failure		404	{object}	models.ErrorAnswer				"You have no such item"
//	@Failure		422	{object}	models.ValidationErrorAnswer	"The id is not a UUID"
//	@x-example-404	{"detail":"Item not found"}
//	@x-example-422	{"detail":[{"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID"}]}
//	@Security		OAuth2PasswordBearer[items:read]
//	@Router			/items/{id} [get]
func (a *api) readItem(c *gin.Context) error {
	id, err := respond.PathUUID(c, "id")
	if err != nil {
		return err
	}
	item, err := a.items.Item(c.Request.Context(), currentCaller(c).ID, id)
	if err != nil {
		return err
	}
	return answer(c, item)
}

// changeItem changes an item of the caller's.
//
//	@Summary		Change an item
//	@Description	Changes the members that are sent, and leaves the others. A description of null removes it.
//	@ID				changeItem
//	@Tags			items
//	@Accept			json
//	@Produce		json
//	@Param			id		path		string				true	"The item's id"	Format(uuid)
//	@Param			changes	body		models.ItemChanges	true	"What changes"
//	@Success		200		{object}	models.Item
//	@Failure		404		{object}	models.ErrorAnswer				"You have no such item"
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The id or the body does not validate"
//	@x-example-404	{"detail":"Item not found"}
//	@x-example-422	{"detail":[{"type":"string_too_short","loc":["body","title"],"msg":"String should have at least 1 character"}]}
//	@Security		OAuth2PasswordBearer[items:write]
//	@Router			/items/{id} [patch]
func (a *api) changeItem(c *gin.Context) error {
	id, errID := respond.PathUUID(c, "id")
	body, errBody := respond.JSON[models.ItemChanges](c)
	if err := respond.Together(errID, errBody); err != nil {
		return err
	}
	item, err := a.items.ChangeItem(c.Request.Context(), currentCaller(c).ID, id, body)
	if err != nil {
		return err
	}
	return answer(c, item)
}

// deleteItem removes an item of the caller's.
//
//	@Summary		Delete an item
//	@ID				deleteItem
//	@Tags			items
//	@Produce		json
//	@Param			id	path	string	true	"The item's id"	Format(uuid)
//	@Success		204	"It is gone"
//	@Failure		404	{object}	models.ErrorAnswer				"You have no such item"
//	@Failure		422	{object}	models.ValidationErrorAnswer	"The id is not a UUID"
//	@x-example-404	{"detail":"Item not found"}
//	@x-example-422	{"detail":[{"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID"}]}
//	@Security		OAuth2PasswordBearer[items:write]
//	@Router			/items/{id} [delete]
func (a *api) deleteItem(c *gin.Context) error {
	id, err := respond.PathUUID(c, "id")
	if err != nil {
		return err
	}
	if err := a.items.DeleteItem(c.Request.Context(), currentCaller(c).ID, id); err != nil {
		return err
	}
	return done(c)
}

package main

import "github.com/getkin/kin-openapi/openapi3"

// fixes say what the conversion cannot know, one thing each, in this order.
var fixes = []func(*openapi3.T) error{
	describeService,
	dropTrailingSlashes,
	declareScopes,
	openPublicOperations,
	requireBodies,
	restoreExamples,
	offerBothFormEncodings,
	fillFormFields,
	allowIndexesInLoc,
	nameMembersAsOnTheWire,
	promiseHeaders,
	giveExamples,
	addSharedResponses,
	writeNullAsType,
	writeExamplesAsList,
	dropConversionNotes,
}

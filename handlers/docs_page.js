// Shows the OpenAPI document that the page names, with Swagger UI.
"use strict";

const main = document.getElementById("docs");
const documentURL = new URL(main.dataset.document, document.baseURI).href;

// The document's server is relative to the document. Swagger UI looks for the
// token URL relative to the page, which is another folder where the page's own
// address ends with a slash. There is but one server, so none to choose.
const serverOfDocument = {
  components: { ServersContainer: () => null },
  statePlugins: {
    oas3: {
      wrapSelectors: {
        serverEffectiveValue: (original) => (state, ...args) => new URL(original(state, ...args), documentURL).href,
      },
    },
  },
};

const ui = SwaggerUIBundle({
  url: documentURL,
  domNode: main,
  layout: "BaseLayout",
  plugins: [serverOfDocument, sessionAt(documentURL)],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false, // it would keep the password in the browser's storage
  tryItOutEnabled: true,
  validatorUrl: null, // the badge would send the document's address to a stranger
});

// The Authorize dialog has no form of its own that Enter would send.
main.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#oauth_username, #oauth_password")) {
    event.target.closest(".auth-container").querySelector("button.authorize").click();
  }
});

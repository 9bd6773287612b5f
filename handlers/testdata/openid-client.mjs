// Uses the service as a program on Node.js would, through openid-client alone.
// Arguments: the issuer, and a client's id; with the secret if it is a
// registered one, which may introspect and has the scope items:read.
import assert from "node:assert/strict";
import * as oauth from "openid-client";

const [issuer, id, secret] = process.argv.slice(2);

const discover = (authentication) =>
  oauth.discovery(new URL(issuer), id, undefined, authentication, {
    algorithm: "oauth2",
    execute: [oauth.allowInsecureRequests], // plain HTTP, on this machine
  });

const logIn = (client, password = "secret") =>
  oauth.genericGrantRequest(client, "password", { username: "johndoe", password, scope: "items:read" });

const readCurrentUser = async (client, token) => {
  const answer = await oauth.fetchProtectedResource(client, token.access_token, new URL("/users/me", issuer), "GET");
  return answer.json();
};

async function staysLoggedInUntilItLogsOut(client) {
  const first = await logIn(client);
  assert.equal(first.token_type, "bearer");
  assert.equal(first.scope, "items:read");
  assert.ok(first.expiresIn() > 0);
  assert.equal((await readCurrentUser(client, first)).username, "johndoe");

  const second = await oauth.refreshTokenGrant(client, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await readCurrentUser(client, second)).username, "johndoe");

  await oauth.tokenRevocation(client, second.refresh_token);
  await assert.rejects(readCurrentUser(client, second), challenged("bearer", "invalid_token"));
  await assert.rejects(oauth.refreshTokenGrant(client, second.refresh_token), refused("invalid_grant"));
  await assert.rejects(logIn(client, "wrong"), refused("invalid_grant"));
}

async function introspects(client) {
  const token = await logIn(client);
  const { active, username, client_id, scope } = await oauth.tokenIntrospection(client, token.access_token);
  assert.deepEqual({ active, username, client_id, scope }, { active: true, username: "johndoe", client_id: id, scope: "items:read" });
  await oauth.tokenRevocation(client, token.access_token, { token_type_hint: "access_token" });
  assert.deepEqual(await oauth.tokenIntrospection(client, token.access_token), { active: false });
}

async function hasATokenOfItsOwn(client) {
  const token = await oauth.clientCredentialsGrant(client, { scope: "items:read" });
  assert.equal(token.scope, "items:read");
  assert.equal(token.refresh_token, undefined);
  assert.equal((await oauth.tokenIntrospection(client, token.access_token)).client_id, id);
}

// What openid-client makes of an error in the body, and of WWW-Authenticate.
const refused = (error) => ({ name: "ResponseBodyError", status: 400, error });
const challenged = (scheme, error) => (thrown) => {
  assert.equal(thrown.name, "WWWAuthenticateChallengeError");
  assert.equal(thrown.status, 401);
  assert.equal(thrown.cause[0].scheme, scheme);
  assert.equal(thrown.cause[0].parameters.error, error);
  return true;
};

if (!secret) {
  await staysLoggedInUntilItLogsOut(await discover(oauth.None()));
  process.exit();
}
for (const authentication of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
  const client = await discover(authentication(secret));
  await staysLoggedInUntilItLogsOut(client);
  await introspects(client);
  await hasATokenOfItsOwn(client);
  await assert.rejects(logIn(await discover(authentication("wrong"))), challenged("basic"));
}

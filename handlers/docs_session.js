// Keeps the page logged in, and really logs it out. Renewing takes the refresh
// token; the password is forgotten as soon as the login is done. All is in
// memory: a reload logs the page out.
"use strict";

// sessionAt is a plugin of Swagger UI for the service at that root.
function sessionAt(root) {
  const renewals = new Map(); // the system and the time of the next one, by the name of the security scheme
  const authOf = (system, name) => system.authSelectors.authorized().get(name);
  const tokenOf = (auth) => auth?.getIn(["token", "refresh_token"]) ?? auth?.getIn(["token", "access_token"]);

  async function renew(system, name) {
    const auth = authOf(system, name);
    const refreshToken = auth.getIn(["token", "refresh_token"]);
    const form = { grant_type: "refresh_token", refresh_token: refreshToken };
    const token = await post(new URL("token", root), form, auth, (answer) => answer.json());
    if (tokenOf(authOf(system, name)) !== refreshToken) return; // logged out in the meantime
    if (token) {
      system.authActions.authorizeOauth2({ auth: auth.toObject(), token });
    } else {
      system.authActions.logout([name]);
      report(system, name, "The session has ended. Please log in again.");
    }
  }

  async function revoke(system, name, auth) {
    const done = await post(new URL("token/revoke", root), { token: tokenOf(auth) }, auth, () => true);
    if (!done) report(system, name, "The service did not end the session.");
  }

  // A long timer stands still while the machine sleeps, the time of day does not.
  function renewWhatIsDue() {
    for (const [name, { system, at }] of renewals) {
      if (Date.now() < at) continue;
      renewals.delete(name);
      renew(system, name);
    }
  }
  setInterval(renewWhatIsDue, 250);
  document.addEventListener("visibilitychange", renewWhatIsDue); // browsers slow the timers of hidden pages

  const authorizeOauth2 = (original, system) => ({ auth, token }) => {
    auth.password = ""; // this is the dialog's own state as well
    original({ auth, token });
    system.errActions.clear({ authId: auth.name, type: "auth", source: "auth" });
    if (token.refresh_token) {
      const seconds = token.expires_in - 1; // its end is rounded down to a whole second
      renewals.set(auth.name, { system, at: Date.now() + 0.8 * seconds * 1000 });
    }
  };

  const logout = (original, system) => (names) => {
    const ended = names.map((name) => [name, authOf(system, name)]).filter(([, auth]) => tokenOf(auth));
    original(names);
    for (const [name, auth] of ended) {
      renewals.delete(name);
      revoke(system, name, auth);
    }
  };

  return { statePlugins: { auth: { wrapActions: { authorizeOauth2, logout } } } };
}

const report = (system, name, message) =>
  system.errActions.newAuthErr({ authId: name, level: "error", source: "auth", message });

// post sends a form as the client that the login named, and reads the answer;
// null is a refusal. While the network or the service is away, it tries again:
// soon enough for the service to take a used refresh token for a lost answer.
async function post(url, form, auth, read) {
  const { headers, fields } = credentials(auth);
  for (;;) {
    let pause = 2;
    try {
      const body = new URLSearchParams({ ...form, ...fields });
      const answer = await fetch(url, { method: "POST", headers, body, keepalive: true, signal: AbortSignal.timeout(5000) });
      if (answer.ok) return await read(answer);
      if (answer.status < 500 && answer.status !== 429) return null;
      pause = Number(answer.headers.get("Retry-After")) || pause;
    } catch (error) {
      console.warn(`${url.pathname}: ${error.message}; trying again`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

// credentials are the client's id and secret, sent as Swagger UI sends them.
function credentials(auth) {
  const [id, secret] = [auth.get("clientId") || "", auth.get("clientSecret") || ""];
  if (auth.get("passwordType") === "request-body") {
    return { fields: { ...(id && { client_id: id }), ...(secret && { client_secret: secret }) } };
  }
  if (!id && !secret) return {};
  const bytes = new TextEncoder().encode(`${id}:${secret}`);
  return { headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` } };
}

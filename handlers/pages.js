// Sends the token of a link in a mail, with what the form asks for, to the route at the page's own address.
"use strict";

const here = location.origin + location.pathname; // behind a proxy, with its prefix
const token = new URLSearchParams(location.search).get("token");
history.replaceState(null, "", here); // nobody finds the token in the address bar, nor by going back

const form = document.querySelector("form");
const submit = form.querySelector("[type=submit]");
const trouble = document.getElementById("trouble");
const field = document.getElementById("password"); // these three are not on every page
const fault = document.getElementById("fault");
const reveal = document.getElementById("reveal");

document.getElementById("service").textContent = location.hostname;
show(token ? "ask" : "missing");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (submit.getAttribute("aria-disabled") !== "true") {
    send();
  }
});
reveal?.addEventListener("click", () => revealPassword(field.type === "password"));

// show lets the page say how things stand, and reports whether it can say that.
function show(state) {
  const sections = [...document.querySelectorAll("[data-state]")];
  const shown = sections.find((section) => section.dataset.state === state);
  if (!shown) {
    return false;
  }
  sections.forEach((section) => (section.hidden = section !== shown));
  const heading = shown.querySelector("h1");
  document.title = heading.textContent;
  heading.focus(); // where it can take the focus: a screen reader reads on from there
  return true;
}

async function send() {
  complain("", "");
  if (field) {
    revealPassword(false); // browsers remember what was typed into open fields
  }
  const label = submit.textContent;
  submit.textContent = "One moment…";
  submit.setAttribute("aria-disabled", "true"); // disabled would lose the focus
  try {
    await tell(await post());
  } catch {
    complain("", "There is no answer. Please check your connection, and try again.");
  }
  submit.textContent = label;
  submit.removeAttribute("aria-disabled");
}

function post() {
  return fetch(here, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
    redirect: "error",
    signal: AbortSignal.timeout?.(30_000),
  });
}

const states = { 204: "done", 400: "refused", 409: "taken" };

// tell says what the answer means.
async function tell(answer) {
  if (show(states[answer.status])) {
    form.reset();
    return;
  }
  if (answer.status !== 422) {
    complain("", "That did not work just now. Please try again " + later(answer.headers.get("Retry-After")) + ".");
    return;
  }
  const found = (await answer.json()).detail.find((detail) => detail.loc.at(-1) === field?.name);
  if (found) {
    complain(sentence(found), "");
  } else {
    show("refused"); // it is the token
  }
}

// complain says what is wrong with the field, or else why nothing was done.
function complain(aboutField, otherwise) {
  trouble.textContent = otherwise;
  if (!field) {
    return;
  }
  fault.textContent = aboutField;
  field.setAttribute("aria-invalid", String(aboutField !== ""));
  if (aboutField) {
    field.focus();
  }
}

// later is the time of a Retry-After in seconds, in words.
function later(seconds) {
  if (!(seconds > 0)) {
    return "later";
  }
  const [count, unit] = seconds < 60 ? [Number(seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

function sentence({ type, msg }) {
  if (type === "string_too_short") {
    return "Please use at least 8 characters.";
  }
  if (type === "string_too_long") {
    return "That is too long a password.";
  }
  const text = msg.replace(/^Value error, /, "");
  return text.charAt(0).toUpperCase() + text.slice(1) + ".";
}

function revealPassword(open) {
  field.type = open ? "text" : "password";
  reveal.textContent = open ? "Hide" : "Show";
  reveal.setAttribute("aria-label", reveal.textContent + " password");
}

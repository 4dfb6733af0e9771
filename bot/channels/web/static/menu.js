// The menu (code, another conversation, print, save) and the opinion at the end.
import { config, say } from "./config.js";
import * as store from "./store.js";
import { ApiError, call } from "./stream.js";

const $ = (id) => document.getElementById(id);
let ensure, restart, tell; // given by the page, see setUp

export function showCode(code) {
  document.querySelector(".keep").hidden = !code;
  document.querySelector(".code").textContent = code ?? "";
}

async function copyCode({ currentTarget: button }) {
  const copied = await navigator.clipboard?.writeText(store.conversation()?.code ?? "").then(() => true, () => false);
  tell(say(copied ? "copied" : "not_copied"));
  button.focus();
}

async function leaveForm() {
  // The form path may hold a cookie of the same conversation: it would bring it back.
  if (config.code) await fetch("/chat", { method: "POST", body: new FormData($("fresh"), $("fresh").querySelector("button")) }).catch(() => {});
}

async function fresh() {
  const code = store.conversation()?.code;
  await leaveForm();
  store.dropEntries();
  store.dropConversation();
  restart(code ? say("fresh", { code }) : "");
}

async function resume() {
  $("code-problem").textContent = "";
  try {
    const response = await call("/resume", { method: "POST", body: { resume_code: $("code").value } });
    const found = await response.json();
    await leaveForm();
    store.dropEntries();
    store.keepConversation(found);
    restart(say("resumed"));
  } catch (error) {
    $("code-problem").textContent = error.message && error instanceof ApiError ? error.message : say("trouble");
    $("code").focus();
  }
}

async function download() {
  try {
    const { id, token } = await ensure();
    const text = await (await call(`/${id}/transcript`, { token, accept: "text/plain" })).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(text);
    link.download = say("file_name");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch {
    tell(say("trouble"));
  }
}

let score = 0;
async function rate(comment) {
  try {
    const { id, token } = await ensure();
    await call(`/${id}/rating`, { method: "POST", token, body: { score, comment } });
    tell(say("rated"));
    return true;
  } catch {
    tell(say("trouble"));
    return false;
  }
}

async function onScore(button) {
  score = Number(button.value);
  for (const other of $("rating").querySelectorAll("[name=score]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  if (await rate("")) $("rating").querySelector(".comment").hidden = false;
}

/** Makes the menu work. `ensure` gives the conversation, `restart` reloads, `tell` says a sentence. */
export function setUp(page) {
  ({ ensure, restart, tell } = page);
  const menu = document.querySelector(".menu");
  const on = (id, kind, action) => $(id).addEventListener(kind, (event) => (event.preventDefault(), action()));
  on("fresh", "submit", fresh);
  on("resume", "submit", resume);
  on("download", "click", download);
  on("print", "click", () => window.print());
  on("send-comment", "click", async () => {
    if (await rate($("comment").value)) $("rating").hidden = true;
  });
  $("rating").addEventListener("click", (event) => {
    const button = event.target.closest("[name=score]");
    if (!button) return;
    event.preventDefault();
    onScore(button);
  });
  document.querySelector(".copy").addEventListener("click", copyCode);
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".sources")) details.open = true;
  });
}

/** Closes the menu; tells whether it was open. */
export function closeMenu() {
  const menu = document.querySelector(".menu");
  if (!menu.open) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

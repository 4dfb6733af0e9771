// The live conversation page. Without this script the page is a plain form that works.
import { config, say } from "./config.js";
import * as embedded from "./embedded.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./render.js";
import * as store from "./store.js";
import { ApiError, call, Stream } from "./stream.js";

const THINKING_MS = 400;
const TYPING_MS = 4000;
const TYPING_SHOWN_MS = 6000;
const $ = (id) => document.getElementById(id);
const [message, activity, banner, scroller] = ["message", "activity", "banner", "conversation"].map($);
const thread = new Thread($("history"), $("news"), scroller);

let stream = null;
let state = "bot";
let queue = null;
let name = null;
let linked = true;
let notice = null;
let opening = null;

// --- what is going on ---------------------------------------------------------------------------

function showBanner() {
  let words = notice;
  if (!linked || !navigator.onLine) words = say("offline");
  else if (state === "waiting") {
    const place = queue?.position > 1 ? say("waiting", queue) : say("waiting_next");
    const time = queue?.wait_minutes ? say("wait_minutes", { minutes: queue.wait_minutes }) : "";
    words = [place, time, say("waiting_hint")].filter(Boolean).join(" ");
  } else if (state === "counsellor") words = say("with_counsellor", { name: name ?? say("a_counsellor") });
  const offline = !linked || !navigator.onLine;
  banner.className = `banner ${offline ? "offline" : state}`;
  if (banner.dataset.words === (words ?? "")) return;
  banner.dataset.words = words ?? "";
  banner.replaceChildren();
  if (!words) return;
  const line = document.createElement("p");
  line.textContent = words;
  banner.append(line);
  if (offline) {
    const again = document.createElement("button");
    again.textContent = say("retry");
    again.addEventListener("click", retry);
    banner.append(again);
  }
}

function retry() {
  stream?.wake();
  outbox.flush();
}

function setLink(up) {
  linked = up;
  showBanner();
  if (up) outbox.flush();
}

function setState(event) {
  const exchange = state === "counsellor" && event.state !== "counsellor";
  state = event.state ?? state;
  if (event.queue) queue = event.queue;
  if (state === "counsellor" && event.name) name = event.name;
  for (const tool of document.querySelectorAll(".tools button")) tool.disabled = state === "counsellor";
  embedded.tellState(state);
  return exchange;
}

let activityTimer = 0;
function showActivity(words, after = 0, during = 0) {
  clearTimeout(activityTimer);
  const low = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  activityTimer = setTimeout(() => {
    activity.textContent = words;
    activity.hidden = !words;
    if (words && low) thread.show();
    if (during) activityTimer = setTimeout(() => showActivity(""), during);
  }, after);
}

function expectAnswer() {
  if (state !== "counsellor" && state !== "closed") showActivity(say("thinking"), THINKING_MS);
}

// --- events -------------------------------------------------------------------------------------

async function onEvent(event) {
  if (event.type === "typing") {
    if (event.author === "resident" || state !== "counsellor") return;
    const words = say("typing", { name: name ?? say("a_counsellor") });
    return showActivity(event.typing === false ? "" : words, 0, TYPING_SHOWN_MS);
  }
  await outbox.idle(); // its own message may be on its way: they must be matched, not doubled
  const exchange = setState(event);
  const box = thread.add(event);
  if (event.author === "resident") {
    if (box) expectAnswer();
  } else {
    if (!thread.pending.size) showActivity("");
    if (box) embedded.arrived();
    if (exchange || event.text.startsWith(config.ended)) $("rating").hidden = false;
  }
  showBanner();
}

async function history({ id, token }) {
  const events = [];
  for (;;) {
    const after = events.length ? events[events.length - 1].seq : 0;
    const response = await call(`/${id}/events?after=${after}&wait=0`, { token });
    const more = (await response.json()).events.filter((event) => event.type !== "typing");
    if (!more.length) return events;
    events.push(...more);
  }
}

async function join(conversation) {
  const events = await history(conversation);
  thread.fill(events);
  events.forEach(setState);
  showCode(conversation.code);
  showBanner();
  const last = events[events.length - 1];
  if (last?.author === "resident") expectAnswer();
  stream = new Stream(conversation, last?.seq ?? 0, { onEvent, onLink: setLink, onGone: gone });
}

/** Returns the conversation of this browser; the first message opens it, looking does not. */
function ensure() {
  opening ??= (async () => {
    let conversation = store.conversation();
    if (!conversation) {
      const body = { commune: config.commune, audience: config.audience };
      store.keepConversation(await (await call("", { method: "POST", body })).json());
      conversation = store.conversation();
    }
    await join(conversation);
    return conversation;
  })().catch((error) => {
    opening = null;
    if (error instanceof ApiError && error.status === 404) gone();
    throw error;
  });
  return opening;
}

function gone() {
  store.dropConversation();
  restart(say("gone"));
}

function restart(words) {
  store.notice(words);
  location.replace(`/chat?${new URLSearchParams({ commune: config.commune, audience: config.audience })}`);
}

// --- messages -----------------------------------------------------------------------------------

const outbox = new Outbox({
  ensure,
  onSent(entry, seq) {
    thread.sent(entry, seq);
    stream?.expect(seq);
  },
  onWait(entry) {
    thread.mark(entry, say("pending"), "pending");
    if (!navigator.onLine) linked = false;
    if (!linked) showActivity("");
    showBanner();
  },
  onFailed(entry, error) {
    thread.mark(entry, say("failed", { reason: error.message }), "failed");
    showActivity("");
    if (!entry.choice && !message.value) message.value = entry.text;
  },
});

function send(content) {
  notice = null;
  $("rating").hidden = true;
  const entry = store.keepEntry(content);
  const box = thread.addPending(entry);
  expectAnswer();
  stream?.wake();
  outbox.flush();
  return box;
}

function sendText() {
  const text = message.value.trim();
  if (!text) return message.focus();
  message.value = "";
  fit();
  send({ text });
}

/** The field grows with the text; the limit is in the style. */
function fit() {
  message.rows = 1;
  while (message.scrollHeight > message.clientHeight && message.rows < 5) message.rows += 1;
}

let toldTyping = 0;
function tellTyping() {
  if (state !== "counsellor" || Date.now() - toldTyping < TYPING_MS) return;
  toldTyping = Date.now();
  const { id, token } = store.conversation();
  call(`/${id}/typing`, { method: "POST", token }).catch(() => {}); // a courtesy, not worth a word
}

// --- menu and rating ----------------------------------------------------------------------------

function showCode(code) {
  document.querySelector(".keep").hidden = !code;
  document.querySelector(".code").textContent = code ?? "";
}

async function copyCode({ currentTarget: button }) {
  const copied = await navigator.clipboard?.writeText(store.conversation()?.code ?? "").then(() => true, () => false);
  tell(say(copied ? "copied" : "not_copied"));
  button.focus();
}

function tell(words) {
  notice = words;
  delete banner.dataset.words;
  showBanner();
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
  thread.show();
}

// --- start --------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.name === "choice") {
    event.preventDefault();
    const box = send({ choice: button.value, text: button.textContent.trim() });
    // A pressed answer is removed: focus goes on from what was said, not from nowhere.
    if (!button.isConnected) box.focus({ preventScroll: true });
  } else if (button.name === "score") {
    event.preventDefault();
    onScore(button);
  }
});

function handle(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

function enhance() {
  document.documentElement.classList.add("js");
  for (const element of document.querySelectorAll(".js[hidden], [data-wait]")) element.hidden = false;
  // No answer to the form path may be on the page while the script draws its own.
  $("latest")?.removeAttribute("id");
  handle($("turn"), sendText);
  handle($("fresh"), fresh);
  handle($("resume"), resume);
  message.addEventListener("input", () => (fit(), tellTyping()));
  message.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  });
  document.querySelector(".copy").addEventListener("click", copyCode);
  $("download").addEventListener("click", download);
  $("print").addEventListener("click", () => window.print());
  $("send-comment").addEventListener("click", async () => {
    if (await rate($("comment").value)) $("rating").hidden = true;
  });
  $("close").addEventListener("click", embedded.close);
  const menu = document.querySelector(".menu");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!menu.open) return embedded.close();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".sources")) details.open = true;
  });
  window.addEventListener("online", () => {
    linked = true;
    showBanner();
    retry();
  });
  window.addEventListener("offline", showBanner);
  window.addEventListener("storage", ({ key, newValue }) => {
    // Another tab has begun another conversation: follow it.
    if (key === store.CONVERSATION && newValue !== null) location.reload();
  });
  embedded.listen(() => {
    $("close").hidden = false;
    embedded.tellState(state);
  }, () => message.focus());
}

async function start() {
  enhance();
  notice = store.notice() ?? banner.querySelector(".problem")?.textContent ?? null;
  showBanner();
  try {
    if (!store.conversation() && config.code) {
      const body = { resume_code: config.code };
      store.keepConversation(await (await call("/resume", { method: "POST", body })).json());
    }
    if (store.conversation()) await ensure();
  } catch (error) {
    if (!(error instanceof ApiError && error.final)) {
      setLink(false);
      setTimeout(start.again, 3000);
    }
  }
  store.entries().forEach((entry) => thread.pending.has(entry.id) || thread.addPending(entry));
  await outbox.flush();
}

start.again = async () => {
  if (!store.conversation() || stream) return;
  await ensure().then(() => setLink(true), () => setTimeout(start.again, 5000));
};

start();

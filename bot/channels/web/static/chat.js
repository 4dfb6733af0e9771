// The live conversation page. Without this script the page is a plain form that works.
import { config, say } from "./config.js";
import * as embedded from "./embedded.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./render.js";
import * as store from "./store.js";
import * as menu from "./menu.js";
import * as status from "./status.js";
import { ApiError, call, Stream } from "./stream.js";

const THINKING_MS = 400;
const TYPING_MS = 4000;
const TYPING_SHOWN_MS = 6000;
const $ = (id) => document.getElementById(id);
const message = $("message");
const thread = new Thread($("history"), $("news"), $("conversation"));

let stream = null;
let opening = null;

function setLink(up) {
  status.set({ linked: up });
  if (up) outbox.flush();
}

function retry() {
  stream?.wake();
  outbox.flush();
}

function setState(event) {
  const exchange = status.now.state === "counsellor" && event.state !== "counsellor";
  const { state } = status.take(event);
  // A person answers: the assistant's tools leave their room to the conversation.
  const tools = document.querySelector(".tools");
  if (state === "counsellor" && tools.contains(document.activeElement)) $("conversation").focus();
  tools.hidden = state === "counsellor";
  embedded.tellState(state);
  return exchange;
}

function expectAnswer() {
  if (!["counsellor", "closed"].includes(status.now.state)) status.activity(say("thinking"), THINKING_MS);
}

// --- events

async function onEvent(event) {
  if (event.type === "typing") {
    if (event.author === "resident" || status.now.state !== "counsellor") return;
    const words = say("typing", { name: status.counsellor() });
    return status.activity(event.typing === false ? "" : words, 0, TYPING_SHOWN_MS);
  }
  await outbox.idle(); // its own message may be on its way: they must be matched, not doubled
  const exchange = setState(event);
  const box = thread.add(event);
  if (event.author === "resident") {
    if (box) expectAnswer();
  } else {
    if (event.text === config.starting) expectAnswer();
    else if (!thread.pending.size) status.activity("");
    if (box) embedded.arrived();
    if (exchange || event.text.startsWith(config.ended)) $("rating").hidden = false;
  }
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
  menu.showCode(conversation.code);
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

// --- messages

const outbox = new Outbox({
  ensure,
  onSent(entry, seq) {
    thread.sent(entry, seq);
    stream?.expect(seq);
  },
  onWait(entry) {
    thread.mark(entry, say("pending"), "pending");
    if (!navigator.onLine) status.set({ linked: false });
    if (!status.now.linked) status.activity("");
  },
  onFailed(entry, error) {
    thread.mark(entry, say("failed", { reason: error.message }), "failed");
    status.activity("");
    if (!entry.choice && !message.value) message.value = entry.text;
  },
});

function send(content) {
  status.set({ notice: null });
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
  if (status.now.state !== "counsellor" || Date.now() - toldTyping < TYPING_MS) return;
  toldTyping = Date.now();
  const { id, token } = store.conversation();
  call(`/${id}/typing`, { method: "POST", token }).catch(() => {}); // a courtesy, not worth a word
}

// --- start

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=choice]");
  if (!button) return;
  event.preventDefault();
  const box = send({ choice: button.value, text: button.textContent.trim() });
  // A pressed answer is removed: focus goes on from what was said, not from nowhere.
  if (!button.isConnected) box.focus({ preventScroll: true });
});

function enhance() {
  document.documentElement.classList.add("js");
  for (const element of document.querySelectorAll(".js[hidden], [data-wait]")) element.hidden = false;
  status.onRetry(retry);
  menu.setUp({ ensure, restart, tell: status.tell });
  $("turn").addEventListener("submit", (event) => (event.preventDefault(), sendText()));
  $("close").addEventListener("click", embedded.close);
  message.addEventListener("input", () => (fit(), tellTyping()));
  message.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && !menu.closeMenu()) embedded.close();
  });
  window.addEventListener("online", () => (setLink(true), retry()));
  window.addEventListener("offline", () => status.set({ linked: false }));
  window.addEventListener("storage", ({ key, newValue }) => {
    // Another tab has begun another conversation: follow it.
    if (key === store.CONVERSATION && newValue !== null) location.reload();
  });
  embedded.listen(() => {
    $("close").hidden = false;
    embedded.tellState(status.now.state);
  }, () => message.focus());
}

async function start() {
  enhance();
  status.set({ notice: store.notice() || document.querySelector("#banner .problem")?.textContent || null });
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

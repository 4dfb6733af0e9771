// The work page: ties the queue, the exchange and the card to the API.

import { closeActions, drawActions, drawCard, drawNotes, forgetChoices } from "./card.js";
import { byId, setText, since } from "./dom.js";
import { get, post } from "./http.js";
import { startPresence } from "./presence.js";
import { Queue } from "./queue.js";
import { texts } from "./texts.js";
import { Thread } from "./thread.js";

const TYPING_EVERY_MS = 3000;

const board = byId("main");
const words = byId("words");
const thread = new Thread();
const drafts = new Map();
const me = { id: Number(board.dataset.me), name: "" };
const queue = new Queue(me.id, (id) => choose(id), news);
let ticket = null;
let wanted = null;
let lastTyping = 0;
let sending = Promise.resolve();

// --- telling ------------------------------------------------------------------------------------

function news(text) {
  setText(byId("news"), text);
}

function problem(text) {
  const box = byId("problem");
  box.textContent = text;
  box.hidden = !text;
}

function offline(text) {
  const box = byId("offline");
  setText(box, text);
  box.hidden = !text;
}

// --- panels, on small screens ---------------------------------------------------------------------

function show(panel) {
  board.dataset.panel = panel;
  for (const tab of document.querySelectorAll("[data-show]")) {
    if (tab.dataset.show === panel) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  if (panel === "talk") thread.toEnd();
}

for (const tab of document.querySelectorAll("[data-show]")) {
  tab.addEventListener("click", () => show(tab.dataset.show));
}

// --- choosing a ticket ------------------------------------------------------------------------------

async function choose(id, remember = true) {
  if (remember && wanted !== id) history.pushState({ id }, "", `/console?demande=${id}`);
  wanted = id;
  problem("");
  queue.select(id);
  let found;
  try {
    found = await get(`/api/tickets/${id}`);
  } catch (error) {
    if (wanted === id) problem(error.status === 404 ? texts.gone : error.message);
    show("talk");
    return;
  }
  if (wanted !== id) return;
  keepDraft();
  forgetChoices();
  closeActions();
  ticket = found;
  words.value = drafts.get(id) ?? "";
  fit();
  show("talk");
  thread.open(ticket, me);
  draw();
  byId("talk-title").focus({ preventScroll: true });
}

// Looks again at the chosen ticket; words already shown stay where they are.
async function refresh() {
  if (!ticket) return;
  const id = ticket.id;
  const found = await get(`/api/tickets/${id}`);
  if (ticket?.id !== id) return;
  ticket = found;
  draw();
}

async function follow() {
  if (!ticket) return;
  const id = ticket.id;
  const { events, cursor, typing } = await get(`/api/tickets/${id}/events?after=${thread.cursor}`);
  if (ticket?.id !== id) return;
  thread.add(events, cursor);
  thread.showTyping(typing);
}

function isMine() {
  return ticket.state === "claimed" && ticket.counsellor_id === me.id;
}

function draw() {
  setText(byId("talk-title"), ticket.procedure ?? texts.noProcedure);
  drawSub();
  byId("foot").hidden = false;
  byId("take").hidden = ticket.state !== "waiting";
  byId("reply").hidden = !isMine();
  const elsewhere = ticket.state === "claimed" && !isMine();
  const over = !["waiting", "claimed"].includes(ticket.state);
  byId("elsewhere").hidden = !(elsewhere || over);
  setText(byId("elsewhere"), elsewhere ? texts.elsewhere(ticket.counsellor ?? texts.card.anonymous) : texts.over);
  byId("card-empty").hidden = true;
  byId("card-part").hidden = false;
  drawCard(ticket);
  drawNotes(ticket);
  drawActions(ticket, isMine());
}

function drawSub() {
  if (!ticket) return;
  const state = ticket.state === "waiting" ? texts.waits(since(ticket.created_at)) : texts.state[ticket.state];
  const channel = texts.channel[ticket.conversation.channel] ?? ticket.conversation.channel;
  setText(byId("talk-sub"), [texts.request(ticket.id), state, queue.filter ? ticket.commune_name : "", channel].filter(Boolean).join(" · "));
}

setInterval(drawSub, 20000);

// --- acting -----------------------------------------------------------------------------------------

// Does something to the chosen ticket; a refusal is said, and the truth is shown.
async function act(path, body) {
  const id = ticket.id;
  problem("");
  try {
    await post(`/api/tickets/${id}/${path}`, body);
    return true;
  } catch (error) {
    if (ticket?.id === id) problem(error.message);
    return false;
  } finally {
    await Promise.allSettled([refresh(), follow(), queue.load()]);
  }
}

byId("claim").addEventListener("click", async (event) => {
  event.target.disabled = true;
  const done = await act("claim");
  event.target.disabled = false;
  if (done) words.focus();
  else byId("talk-title").focus({ preventScroll: true });
});

for (const form of document.querySelectorAll("[data-action]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const action = form.dataset.action;
    const body = {
      "return-to-bot": () => ({ step: byId("step").value || null }),
      transfer: () => ({ to: Number(byId("colleague").value) }),
    }[action]?.();
    const button = form.querySelector("button");
    button.disabled = true;
    const done = await act(action, body);
    button.disabled = false;
    show("talk");
    byId("talk-title").focus({ preventScroll: true });
    if (!done) return;
    closeActions();
    news(texts.done[action]);
  });
}

byId("note").addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = byId("note-words");
  if (box.value.trim() && (await act("note", { text: box.value }))) box.value = "";
});

// --- writing ----------------------------------------------------------------------------------------

function keepDraft() {
  if (ticket) drafts.set(ticket.id, words.value);
}

function fit() {
  words.rows = Math.min(6, Math.max(2, words.value.split("\n").length));
}

function send() {
  const text = words.value.trim();
  if (!text || !ticket || !isMine()) return;
  const id = ticket.id;
  problem("");
  words.value = "";
  drafts.delete(id);
  fit();
  lastTyping = 0;
  const promised = thread.promise(text);
  // One after the other: what was written first is read first.
  sending = sending.then(async () => {
    try {
      const { seq } = await post(`/api/tickets/${id}/reply`, { text });
      if (ticket?.id === id) thread.stored(promised, seq);
    } catch (error) {
      if (ticket?.id === id) {
        thread.drop(promised);
        problem(error.status === 0 ? texts.notSent : error.message);
        words.value = [text, words.value].filter(Boolean).join("\n");
        fit();
      } else {
        drafts.set(id, [text, drafts.get(id)].filter(Boolean).join("\n"));
      }
    }
    await follow().catch(() => {});
  });
}

byId("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
  words.focus();
});

words.addEventListener("keydown", (event) => {
  // `isComposing`: Enter may only be choosing an accent or a word in an input method.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});

words.addEventListener("input", () => {
  fit();
  if (!words.value || !ticket || Date.now() - lastTyping < TYPING_EVERY_MS) return;
  lastTyping = Date.now();
  post(`/api/tickets/${ticket.id}/typing`).catch(() => {});
});

// --- following --------------------------------------------------------------------------------------

// Looks are never made at the same time: the later one would be painted over by the earlier.
let looking = null;
let again = new Set();

function look(changed) {
  for (const id of changed) again.add(id);
  looking ??= (async () => {
    try {
      while (again.size) {
        const ids = again;
        again = new Set();
        await queue.load();
        if (ticket && ids.has(ticket.id)) {
          await follow();
          await refresh();
        }
      }
      offline("");
    } catch (error) {
      if (error.status === 0) offline(texts.networkLost);
    } finally {
      looking = null;
    }
  })();
}

function listen() {
  const stream = new EventSource("/api/tickets/events");
  let fresh = true;
  stream.addEventListener("tickets", ({ data }) => {
    const changed = new Set(JSON.parse(data).changed);
    // After a pause anything may have happened, to a ticket that is now closed too.
    if (fresh && ticket) changed.add(ticket.id);
    fresh = false;
    // An empty list still means: look at the queue.
    look(changed.size ? changed : [0]);
  });
  stream.addEventListener("open", () => { fresh = true; offline(""); });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) {
      // Refused rather than cut: find out why (an ended session leads to the sign-in page).
      setTimeout(() => queue.load().then(listen, () => { offline(texts.networkLost); setTimeout(listen, 5000); }), 2000);
    } else {
      setTimeout(() => { if (stream.readyState !== EventSource.OPEN) offline(texts.networkLost); }, 4000);
    }
  });
}

window.addEventListener("popstate", () => {
  const id = Number(new URLSearchParams(location.search).get("demande"));
  if (id) choose(id, false);
  else show("queue");
});

async function start() {
  const known = await get("/api/counsellor/me");
  me.name = known.name;
  startPresence((error) => problem(error.message));
  await queue.load();
  listen();
  const asked = Number(new URLSearchParams(location.search).get("demande"));
  if (asked) await choose(asked, false);
}

start().catch((error) => offline(error.message));

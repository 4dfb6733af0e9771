// The centre: the exchange. What was there when the ticket was opened is « history »; what comes
// after goes to the log, which screen readers read out: each message once.

import { byId, hour, make, setText, typeset } from "./dom.js";
import { texts } from "./texts.js";

export class Thread {
  constructor() {
    this.box = byId("thread");
    this.history = byId("history");
    this.live = byId("live");
    this.pending = [];
    this.follows = true;
    // Whoever reads the end stays at the end when the box shrinks (a keyboard, the reply form).
    this.box.addEventListener("scroll", () => { this.follows = this.atEnd(); });
    new ResizeObserver(() => { if (this.follows) this.toEnd(); }).observe(this.box);
  }

  open(ticket, me) {
    this.audience = ticket.conversation.audience;
    this.me = me;
    this.cursor = ticket.conversation.cursor;
    this.last = null;
    this.pending = [];
    this.live.replaceChildren();
    this.history.replaceChildren(...ticket.events.map((event) => this.bubble(event)).filter(Boolean));
    byId("older").hidden = !(ticket.events.length && ticket.events[0].seq > 1);
    byId("thread-empty").hidden = true;
    this.showTyping(null);
    this.toEnd();
  }

  add(events, cursor) {
    const atEnd = this.atEnd();
    for (const event of events) {
      if (event.seq <= this.cursor) continue;
      this.settle(event);
      const bubble = this.bubble(event);
      if (bubble) this.live.append(bubble);
    }
    this.cursor = Math.max(this.cursor, cursor);
    for (const bubble of this.pending) this.live.append(bubble.element);
    if (atEnd) this.toEnd();
  }

  // My own words, shown before the service has stored them.
  promise(text) {
    const element = make("div", { class: "bubble counsellor mine sending" },
      make("p", { class: "who" }, `${texts.who.me} · ${texts.sending}`), make("p", { class: "said" }, text));
    const promised = { element, text, seq: null };
    this.pending.push(promised);
    this.live.append(element);
    this.last = null;
    this.toEnd();
    return promised;
  }

  stored(promised, seq) {
    promised.seq = seq;
    if (seq <= this.cursor) this.drop(promised);
  }

  drop(promised) {
    promised.element.remove();
    this.pending = this.pending.filter((other) => other !== promised);
  }

  settle(event) {
    if (event.author !== "counsellor") return;
    // The service may have masked the words: without its number, the oldest one is meant.
    const mine = this.pending.find((promised) => promised.seq === event.seq)
      ?? this.pending.find((promised) => promised.seq === null && promised.text === event.text);
    if (mine) this.drop(mine);
  }

  bubble(event) {
    if (event.type === "state") {
      if (!event.text) return null;
      this.last = null;
      return make("p", { class: "state" }, `${typeset(event.text)} `, make("time", { dateTime: event.created_at }, hour(event.created_at)));
    }
    if (event.type !== "message") return null;
    if (event.author === "system") {
      this.last = null;
      return make("p", { class: "state" }, typeset(event.text));
    }
    const who = this.who(event);
    const follows = this.last === who;
    this.last = who;
    const mine = event.author === "counsellor" && event.name === this.me.name;
    const bubble = make("div", { class: `bubble ${event.author}${mine ? " mine" : ""}${follows ? " follows" : ""}` },
      make("p", { class: follows ? "who visually-hidden" : "who" }, `${who} · `, make("time", { dateTime: event.created_at }, hour(event.created_at))),
      make("p", { class: "said" }, typeset(event.text)));
    if (event.choices.length) {
      bubble.append(make("p", { class: "offered" }, make("span", { class: "visually-hidden" }, `${texts.offered} `),
        ...event.choices.flatMap((choice, n) => [n ? " " : "", make("span", { class: "choice" }, choice.label)])));
    }
    return bubble;
  }

  who(event) {
    if (event.author === "resident") return texts.who[this.audience] ?? texts.who.resident;
    if (event.author === "bot") return texts.who.bot;
    return event.name === this.me.name ? texts.who.me : event.name ?? texts.who.counsellor;
  }

  showTyping(author) {
    const atEnd = this.atEnd();
    const note = byId("typing").firstElementChild;
    const writes = author === "resident";
    if (writes) setText(byId("typing-words"), texts.typing[this.audience] ?? texts.typing.resident);
    note.hidden = !writes;
    if (atEnd && writes) this.toEnd();
  }

  atEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 80;
  }

  toEnd() {
    this.follows = true;
    this.box.scrollTop = this.box.scrollHeight;
  }
}

// The left panel: lists that change under the reader's eyes without losing their focus.

import { byId, make, setText, since, typeset } from "./dom.js";
import { get } from "./http.js";
import { texts } from "./texts.js";

const WORDS_SHOWN = 140;

export class Queue {
  constructor(me, choose, news) {
    this.me = me;
    this.choose = choose;
    this.news = news;
    this.open = null;
    this.closed = null;
    this.chosen = null;
    this.filter = byId("commune");
    this.filter?.addEventListener("change", () => this.draw());
    byId("closed-part").addEventListener("toggle", () => this.loadClosed());
    setInterval(() => this.draw(), 20000);
  }

  async load() {
    const { tickets } = await get("/api/tickets?state=open");
    if (this.open) this.announce(tickets);
    this.open = tickets;
    this.draw();
    await this.loadClosed();
  }

  async loadClosed() {
    if (!byId("closed-part").open) return;
    this.closed = (await get("/api/tickets?state=closed")).tickets;
    this.draw();
  }

  announce(tickets) {
    const before = new Map(this.open.map((ticket) => [ticket.id, ticket]));
    for (const ticket of tickets) {
      const known = before.get(ticket.id);
      if (ticket.state === "waiting" && known?.state !== "waiting") {
        this.news(texts.newRequest(ticket.procedure ?? texts.request(ticket.id)));
      } else if (this.isMine(ticket) && ticket.awaits_reply && !known?.awaits_reply && ticket.id !== this.chosen) {
        this.news(texts.newMessage(ticket.id));
      }
    }
  }

  isMine(ticket) {
    return ticket.state === "claimed" && ticket.counsellor_id === this.me;
  }

  select(id) {
    this.chosen = id;
    this.draw();
  }

  draw() {
    if (!this.open) return;
    const commune = this.filter?.value ?? "";
    const shown = (ticket) => !commune || ticket.commune === commune;
    const open = this.open.filter(shown);
    const waiting = open.filter((ticket) => ticket.state === "waiting");
    const mine = open.filter((ticket) => this.isMine(ticket));
    const others = open.filter((ticket) => ticket.state === "claimed" && !this.isMine(ticket));
    this.fill("waiting", waiting);
    // Those who expect an answer come first.
    this.fill("mine", mine.sort((a, b) => Number(b.awaits_reply) - Number(a.awaits_reply) || a.id - b.id));
    this.fill("others", others);
    byId("others-part").hidden = others.length === 0;
    if (this.closed) this.fill("closed", this.closed.filter(shown));
    const calls = waiting.length + mine.filter((ticket) => ticket.awaits_reply).length;
    document.title = texts.title(calls);
    setText(byId("tab-count"), String(calls));
    byId("tab-count").hidden = calls === 0;
  }

  fill(name, tickets) {
    const list = byId(name);
    const items = new Map([...list.children].map((item) => [Number(item.dataset.id), item]));
    tickets.forEach((ticket, place) => {
      const item = items.get(ticket.id) ?? this.item(ticket.id);
      items.delete(ticket.id);
      this.dress(item, ticket);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    for (const item of items.values()) item.remove();
    byId(`${name}-empty`)?.toggleAttribute("hidden", tickets.length > 0);
    const count = byId(`${name}-count`);
    if (count) setText(count, String(tickets.length));
  }

  item(id) {
    const link = make("a", { href: `?demande=${id}` },
      make("span", { class: "ticket-top" }, make("span", { class: "ticket-name" }), make("span", { class: "ticket-when" })),
      make("span", { class: "ticket-step" }),
      make("span", { class: "ticket-words" }),
      make("span", { class: "ticket-foot" }));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.choose(id);
    });
    return make("li", { "data-id": String(id) }, link);
  }

  dress(item, ticket) {
    const part = (name) => item.querySelector(`.ticket-${name}`);
    const words = ticket.last_words ?? "";
    setText(part("name"), ticket.procedure ?? texts.noProcedure);
    setText(part("when"), when(ticket));
    part("when").classList.toggle("long", ticket.state === "waiting" && Date.now() - new Date(ticket.created_at) > 600000);
    setText(part("step"), ticket.step ? shorten(ticket.step, 90) : "");
    setText(part("words"), words ? `«\u00a0${shorten(words, WORDS_SHOWN)}\u00a0»` : "");
    const awaits = this.isMine(ticket) && ticket.awaits_reply;
    const facts = [awaits ? texts.awaits : "", this.filter ? ticket.commune_name : "", followed(ticket, this.me)];
    setText(part("foot"), facts.filter(Boolean).join(" · "));
    item.classList.toggle("awaits", awaits);
    const link = item.firstElementChild;
    if (ticket.id === this.chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function when(ticket) {
  if (ticket.state === "waiting") return since(ticket.created_at);
  if (ticket.state === "claimed") return since(ticket.claimed_at);
  return texts.state[ticket.state];
}

function followed(ticket, me) {
  return ticket.counsellor && ticket.counsellor_id !== me ? texts.followedBy(ticket.counsellor) : "";
}

function shorten(text, most) {
  const line = typeset(text.replace(/\s+/g, " ").trim());
  return line.length > most ? `${line.slice(0, most - 1).trimEnd()}…` : line;
}

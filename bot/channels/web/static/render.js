// Bubbles. templates/_message.html builds the same markup for the page without a script: change both.
import { config, french, say } from "./config.js";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const longDate = (day) =>
  new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })
    .format(new Date(`${day}T00:00:00Z`))
    .replace(/^1 /, "1er ");

const CODE = /\b([A-Z2-9]{5}-[A-Z2-9]{5})\b/; // to come back: said in one piece

const lines = (text) => text.split("\n").filter(Boolean).map((line) =>
  make("p", { class: "text" }, ...french(line).split(CODE).map((part, n) => (n % 2 ? make("b", { class: "code" }, part) : part))));

// The links come from the catalogue; a counsellor's words never become links here.
const safe = (url) => (/^https?:\/\//.test(url) ? url : "#");

const linkList = (links, attributes) =>
  make("ul", attributes, ...links.map(({ url, label, checked_on: day }) =>
    make("li", {}, make("a", { href: safe(url), target: "_blank", rel: "noopener" },
      `${french(label)} `, make("span", { class: "hidden" }, config.texts.new_tab)),
      day ? ` ${say("checked", { date: longDate(day) })}` : "")));

function sourceList(sources) {
  const date = longDate(sources.map((source) => source.checked_on).sort()[0]);
  const words = sources.length === 1
    ? say("source_one", { label: sources[0].label, date })
    : say("source_many", { count: sources.length, date });
  return make("details", { class: "sources" }, make("summary", {}, words), linkList(sources));
}

function stepBar(text) {
  const found = /^(Étape (\d+) sur (\d+))\.\s*/.exec(text);
  if (!found) return [null, text];
  const bar = make("div", { class: "step" },
    make("span", {}, found[1], make("span", { class: "hidden" }, ".")),
    make("progress", { value: found[2], max: found[3], "aria-hidden": "true" }));
  return [bar, text.slice(found[0].length)];
}

function author(event) {
  if (event.author !== "counsellor") return make("p", { class: "author" }, config.texts[event.author]);
  return make("p", { class: "author" }, `${event.name || config.texts.counsellor} `,
    make("span", { class: "person" }, config.texts.person));
}

const pace = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

/** Returns an event as a bubble. */
export function bubble(event) {
  const box = make("div", { class: `message ${event.author}` });
  if (event.seq) box.dataset.seq = event.seq;
  box.dataset.state = event.state ?? "";
  if (event.author !== "system") box.append(author(event));
  const [bar, text] = event.author === "bot" ? stepBar(event.text) : [null, event.text];
  if (bar) box.append(bar);
  if (["bot", "system"].includes(event.author)) box.append(...lines(text));
  else box.append(make("p", { class: "text" }, french(text)));
  if (event.links?.length) box.append(linkList(event.links, { class: "links" }));
  if (event.sources?.length) box.append(sourceList(event.sources));
  if (event.choices?.length) {
    box.append(make("div", { class: "choices" }, ...event.choices.map(({ id, label }) =>
      make("button", { type: "button", name: "choice", value: id }, french(label)))));
  }
  return box;
}

/** The messages on the page: what was there before, and the live region of what arrives. */
export class Thread {
  constructor(history, news, scroller) {
    Object.assign(this, { history, news, scroller });
    this.pending = new Map();
    this.ask = null; // the resident's latest bubble
    this.follow = false; // the person has written since they last scrolled
    this.more = document.getElementById("more"); // what comes after is out of sight
    this.more.onclick = () => scroller.scrollBy({ top: scroller.clientHeight * 0.8, behavior: pace() });
    const watch = new ResizeObserver(() => this.look());
    for (const box of [history, news, scroller]) watch.observe(box);
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    for (const gesture of ["wheel", "touchmove", "keydown"]) {
      scroller.addEventListener(gesture, () => (this.follow = false), { passive: true });
    }
  }

  has(seq) {
    return this.find(seq) !== null;
  }

  find(seq) {
    return this.scroller.querySelector(`[data-seq="${Number(seq)}"]`);
  }

  /** Shows what was said before: outside the live region, so that it is not read out. */
  fill(events) {
    this.history.replaceChildren(...events.filter((event) => event.text).map(bubble));
    if (!this.pending.size) this.ask = [...this.history.querySelectorAll(".resident")].pop() ?? null;
    if (events.length) this.settle(events[events.length - 1].state);
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Shows a new event, before what is not sent yet. Returns its bubble, or null if it was there. */
  add(event) {
    const known = this.find(event.seq);
    if (known && event.author === "resident") {
      // The server has masked what must not be kept: show the same.
      const text = known.querySelector(".text");
      if (text.textContent !== french(event.text)) text.textContent = french(event.text);
    }
    if (known || !event.text) {
      this.settle(event.state);
      return null;
    }
    const box = bubble(event);
    const unsent = [...this.pending.values()].find((other) => other.parentNode === this.news);
    const low = this.left < 160;
    this.news.insertBefore(box, unsent ?? null);
    if (event.author === "resident") this.ask = box;
    this.settle(event.state);
    if (low || this.follow) this.show();
    return box;
  }

  /** Shows a message at once, before the server has it. */
  addPending(entry) {
    const box = bubble({ author: "resident", text: entry.text });
    box.tabIndex = -1;
    this.pending.set(entry.id, box);
    this.news.append(box);
    this.ask = box;
    this.settle(null);
    this.follow = true;
    this.show();
    return box;
  }

  mark(entry, words, kind) {
    const box = this.pending.get(entry.id);
    if (!box) return;
    const line = box.querySelector(".status") ?? box.appendChild(make("p", { class: "status" }));
    line.textContent = words;
    box.classList.toggle("failed", kind === "failed");
    if (kind === "failed") this.pending.delete(entry.id);
  }

  sent(entry, seq) {
    const box = this.pending.get(entry.id);
    if (!box) return;
    this.pending.delete(entry.id);
    if (this.has(seq)) return box.remove(); // it came back through the stream first
    box.querySelector(".status")?.remove();
    box.dataset.seq = seq;
  }

  /** Removes the buttons that no longer answer anything. */
  settle(state) {
    for (const choices of this.scroller.querySelectorAll(".choices")) {
      const box = choices.closest(".message");
      const old = this.ask && box.compareDocumentPosition(this.ask) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (old || (state && box.dataset.state && box.dataset.state !== state)) choices.remove();
    }
  }

  get left() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  look() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => (this.more.hidden = this.left < 60), 350); // once it is still
  }

  /** Scrolls to the end, without pushing the start of the latest answer out of sight. */
  show() {
    const { scroller, ask } = this;
    const behavior = pace();
    if (getComputedStyle(scroller).overflowY === "visible") {
      // Large text on a small screen: the page scrolls, not the conversation in it.
      if (this.follow) ask?.scrollIntoView({ block: "start", behavior });
      return;
    }
    const end = scroller.scrollHeight - scroller.clientHeight;
    const top = ask ? ask.offsetTop - 12 : end;
    scroller.scrollTo({ top: Math.min(end, Math.max(top, 0)), behavior });
  }
}

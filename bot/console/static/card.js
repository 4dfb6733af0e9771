// The right panel: the hand-over card, the notes, and what can be done next.

import { byId, hour, make, typeset } from "./dom.js";
import { texts } from "./texts.js";

const said = texts.card;

export function drawCard(ticket) {
  const card = ticket.card;
  const parts = [];
  if (card.procedure_label) {
    parts.push(make("p", { class: "procedure" }, card.procedure_label));
  } else {
    parts.push(make("p", { class: "hint" }, said.bare));
  }
  if (card.step_text) {
    const [number, total] = card.progress;
    parts.push(make("div", { class: "blocked" },
      make("h3", {}, `${said.step} `, make("span", { class: "hint" }, `· ${texts.step(number, total)}`)),
      make("p", {}, typeset(card.step_text))));
  }
  const words = ticket.last_words || card.last_words;
  if (words) parts.push(make("h3", {}, said.words), make("blockquote", {}, words));
  if (card.place) parts.push(make("h3", {}, said.place), make("p", {}, card.place));
  if (card.tried?.length) parts.push(make("h3", {}, said.tried), list(card.tried));
  if (card.answers?.length) {
    const pairs = card.answers.flatMap(({ question, answer }) => [make("dt", {}, typeset(question)), make("dd", {}, typeset(answer))]);
    parts.push(make("h3", {}, said.answers), make("dl", { class: "answers" }, ...pairs));
  }
  if (card.documents?.length) parts.push(make("h3", {}, said.documents), list(card.documents));
  if (card.sources?.length) {
    const links = card.sources.filter(({ url }) => /^https?:/.test(url)).map(({ label, url }) =>
      make("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, label,
        make("span", { class: "visually-hidden" }, ` ${said.newTab}`)));
    parts.push(make("h3", {}, said.sources), list(links));
  }
  byId("facts").replaceChildren(...parts);
}

export function drawNotes(ticket) {
  const notes = ticket.notes.map((note) => make("li", {},
    make("p", { class: "who" }, `${note.author ?? said.anonymous} · ${hour(note.created_at)}`),
    make("p", { class: "said" }, note.text)));
  byId("notes").replaceChildren(...notes);
  byId("notes").hidden = notes.length === 0;
}

export function drawActions(ticket, mine) {
  const actions = byId("actions");
  actions.hidden = !mine;
  fillSelect("step", ticket.steps.map((step) =>
    ({ value: step.id, label: (step.current ? said.current : "") + shorten(step.text), chosen: step.current })));
  byId("step-field").hidden = ticket.steps.length === 0;
  byId("no-step").hidden = ticket.steps.length > 0;
  fillSelect("colleague", ticket.colleagues.map((person) =>
    ({ value: String(person.id), label: person.present ? said.present(person.name) : said.absent(person.name) })));
  byId("colleague-field").hidden = ticket.colleagues.length === 0;
  byId("no-colleague").hidden = ticket.colleagues.length > 0;
  actions.querySelector('[data-action="transfer"] button').disabled = ticket.colleagues.length === 0;
}

export function closeActions() {
  for (const details of byId("actions").querySelectorAll("details")) details.open = false;
}

// What the counsellor was choosing stays chosen while the lists are refreshed.
function fillSelect(id, options) {
  const select = byId(id);
  const signature = JSON.stringify(options);
  if (select.dataset.options === signature) return;
  const kept = select.dataset.touched ? select.value : null;
  select.dataset.options = signature;
  select.replaceChildren(...options.map(({ value, label, chosen }) =>
    make("option", { value, selected: kept === null ? Boolean(chosen) : value === kept }, label)));
}

export function forgetChoices() {
  for (const id of ["step", "colleague"]) {
    delete byId(id).dataset.touched;
    delete byId(id).dataset.options;
  }
}

for (const id of ["step", "colleague"]) {
  byId(id)?.addEventListener("change", (event) => { event.target.dataset.touched = "1"; });
}

function list(items) {
  return make("ul", {}, ...items.map((item) => make("li", {}, typeof item === "string" ? typeset(item) : item)));
}

function shorten(text) {
  return text.length > 70 ? `${text.slice(0, 69).trimEnd()}…` : text;
}

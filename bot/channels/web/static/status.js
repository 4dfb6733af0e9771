// What is going on: the banner (queue, counsellor, connection) and the line under the messages.
import { say } from "./config.js";

const banner = document.getElementById("banner");
const line = document.getElementById("activity");

export const now = { state: "bot", queue: null, name: null, linked: true, notice: null };

let retry = () => {};
export const onRetry = (action) => (retry = action);

/** Changes what is known, and what the banner says of it. */
export function set(changes) {
  Object.assign(now, changes);
  const offline = !now.linked || !navigator.onLine;
  const words = offline ? say("offline") : inWords();
  banner.className = `banner ${offline ? "offline" : now.state}`;
  // A live region: the same words again would be read out again.
  if (banner.dataset.words === words) return;
  banner.dataset.words = words;
  banner.replaceChildren();
  if (!words) return;
  banner.appendChild(document.createElement("p")).textContent = words;
  if (!offline) return;
  const button = banner.appendChild(document.createElement("button"));
  button.textContent = say("retry");
  button.addEventListener("click", () => retry());
}

/** Says something that matters for a moment only. */
export function tell(words) {
  set({ notice: words });
  setTimeout(() => now.notice === words && set({ notice: null }), 8000);
}

/** Learns from an event who answers. */
export function take(event) {
  set({
    state: event.state ?? now.state,
    queue: event.queue ?? now.queue,
    name: (event.state === "counsellor" && event.name) || now.name,
  });
  return now;
}

export const counsellor = () => now.name ?? say("a_counsellor");

function inWords() {
  if (now.notice) return now.notice;
  if (now.state === "counsellor") return say("with_counsellor", { name: counsellor() });
  if (now.state !== "waiting") return "";
  const place = now.queue?.position > 1 ? say("waiting", now.queue) : say("waiting_next");
  const minutes = now.queue?.wait_minutes;
  return [place, minutes ? say("wait_minutes", { minutes }) : "", say("waiting_hint")].filter(Boolean).join(" ");
}

let timer = 0;
/** Shows a passing activity after a delay, for a while; no words: nothing goes on. */
export function activity(words, after = 0, during = 0) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    line.textContent = words;
    line.hidden = !words;
    if (words) line.scrollIntoView({ block: "nearest" });
    if (during) timer = setTimeout(() => activity(""), during);
  }, after);
}

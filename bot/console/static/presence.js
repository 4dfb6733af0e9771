// « Disponible » or « Absent »: said again every 30 seconds while the page is open.

import { byId, setText } from "./dom.js";
import { put } from "./http.js";

const RENEW_MS = 30000;

export function startPresence(failed) {
  const button = byId("presence");
  // Several windows of the same counsellor say the same thing.
  const windows = "BroadcastChannel" in window ? new BroadcastChannel("presence") : null;
  let present = button.getAttribute("aria-checked") === "true";

  function show() {
    button.setAttribute("aria-checked", String(present));
    setText(byId("presence-word"), present ? button.dataset.on : button.dataset.off);
    byId("absent").hidden = present;
  }

  async function say(value) {
    try {
      await put("/api/presence", { present: value });
      present = value;
      windows?.postMessage(value);
    } catch (error) {
      failed(error);
    }
    show();
  }

  function renew() {
    if (present) put("/api/presence", { present: true }).catch(() => {});
  }

  windows?.addEventListener("message", ({ data }) => { present = data; show(); });
  button.addEventListener("click", () => say(!present));
  byId("be-present").addEventListener("click", async () => { await say(true); button.focus(); });
  setInterval(renew, RENEW_MS);
  // A laptop that wakes up has missed its turn.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  renew();
  show();
}

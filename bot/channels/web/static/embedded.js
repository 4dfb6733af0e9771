// Talks with the widget of the commune's website, when this page is in its iframe.
import { config } from "./config.js";

export const inside = window.parent !== window;
const trusted = [location.origin, ...config.sites];
let host = null; // the website's origin, once it has said hello
let shown = !inside;
let unread = 0;

const tell = (message) => host && window.parent.postMessage({ passerelle: message.say, ...message }, host);

export const close = () => tell({ say: "close" });
export const tellState = (state) => tell({ say: "state", state });

/** Counts a message that arrived while the panel was closed. */
export function arrived() {
  if (!shown) tell({ say: "unread", count: ++unread });
}

/** `onShown` runs each time the panel opens. */
export function listen(onHello, onShown) {
  if (!inside) return;
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || !trusted.includes(origin)) return;
    if (data?.passerelle === "hello") {
      host = origin;
      shown = Boolean(data.shown);
      onHello();
    } else if (data?.passerelle === "shown") {
      shown = true;
      unread = 0;
      tell({ say: "unread", count: 0 });
      onShown();
    } else if (data?.passerelle === "hidden") {
      shown = false;
    }
  });
}

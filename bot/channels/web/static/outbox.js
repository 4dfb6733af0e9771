// Messages leave one by one, in order, and stay here until the server has them.
import { ApiError, call } from "./stream.js";
import * as store from "./store.js";

const RETRY_MS = [1000, 2000, 5000, 10000, 20000];

export class Outbox {
  /** `ensure` returns the conversation, opening it if needed; the others tell what became of an entry. */
  constructor({ ensure, onSent, onWait, onFailed }) {
    Object.assign(this, { ensure, onSent, onWait, onFailed });
    this.sending = null;
    this.tries = 0;
  }

  /** Resolves when nothing is on its way: then every event can be matched with its entry. */
  idle() {
    return Promise.resolve(this.posting).catch(() => {});
  }

  flush() {
    clearTimeout(this.timer);
    this.sending ??= this.run().finally(() => (this.sending = null));
    return this.sending;
  }

  async run() {
    for (let entry; (entry = store.entries()[0]); ) {
      const slow = setTimeout(() => store.entries().forEach(this.onWait), navigator.onLine ? 2000 : 0);
      try {
        const conversation = await this.ensure();
        const { seq } = await (this.posting = this.post(conversation, entry));
        store.dropEntry(entry);
        this.onSent(entry, seq);
        this.tries = 0;
      } catch (error) {
        if (error instanceof ApiError && error.final) {
          store.dropEntry(entry);
          this.onFailed(entry, error);
          continue;
        }
        store.entries().forEach(this.onWait); // those behind it wait too
        const rest = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
        this.tries += 1;
        this.timer = setTimeout(() => this.flush(), rest);
        return;
      } finally {
        this.posting = null;
        clearTimeout(slow);
      }
    }
  }

  async post({ id, token }, entry) {
    const content = entry.choice ? { choice: entry.choice } : { text: entry.text };
    const response = await call(`/${id}/messages`, {
      method: "POST", token, body: { client_message_id: entry.id, ...content },
    });
    return response.json();
  }
}

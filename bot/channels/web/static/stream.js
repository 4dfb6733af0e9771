// Requests to the API, and the events of a conversation: each once, in order, whatever breaks.
const SILENCE_MS = 45000; // the server sends a heartbeat every 15 s
const LATE_MS = 4000;

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
  /** Trying again cannot help. */
  get final() {
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status);
  }
}

export async function call(path, { method = "GET", body, token, accept, last, stop, seconds = 20 } = {}) {
  const abort = stop ?? new AbortController();
  const timer = seconds && setTimeout(() => abort.abort(), seconds * 1000);
  const headers = { Accept: accept ?? "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (last !== undefined) headers["Last-Event-ID"] = String(last);
  try {
    const response = await fetch(`/api/conversations${path}`, {
      method, headers, body: body && JSON.stringify(body),
      signal: abort.signal, cache: "no-store", credentials: "omit",
    });
    if (!response.ok) {
      const told = await response.json().catch(() => ({}));
      throw new ApiError(response.status, told.error?.message ?? "");
    }
    return response;
  } finally {
    clearTimeout(timer);
  }
}

export class Stream {
  /** `onEvent` is awaited, `onLink(up)` tells whether the server answers, `onGone` that it forgot us. */
  constructor({ id, token }, cursor, { onEvent, onLink, onGone }) {
    Object.assign(this, { id, token, cursor, onEvent, onLink, onGone });
    this.polling = !("ReadableStream" in window && "TextDecoder" in window);
    this.failures = 0;
    this.run();
  }

  /** Tries at once instead of waiting. */
  wake() {
    this.failures = 0;
    this.resume?.();
  }

  /** A message was stored at `seq`: a stream that does not bring it is held back by some proxy. */
  expect(seq) {
    setTimeout(() => {
      if (this.cursor >= seq || this.polling || !navigator.onLine) return;
      this.polling = true;
      this.stop?.abort();
    }, LATE_MS);
  }

  async run() {
    for (;;) {
      try {
        const began = Date.now();
        await (this.polling ? this.poll() : this.read());
        if (this.polling || Date.now() - began > 1000) this.failures = 0;
        else this.failures += 1;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return this.onGone();
        this.failures += 1;
        if (this.failures === 3) this.polling = true;
        if (!(error.name === "AbortError" && this.polling)) this.onLink(false);
      }
      if (this.failures) await this.pause();
    }
  }

  async pause() {
    const ms = Math.min(30000, 500 * 2 ** Math.min(this.failures, 6)) * (0.75 + Math.random() / 2);
    await new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.resume = () => (clearTimeout(timer), done());
    });
  }

  async poll() {
    this.stop = new AbortController();
    const wait = this.failures ? 0 : 25;
    const response = await call(`/${this.id}/events?after=${this.cursor}&wait=${wait}`, {
      token: this.token, stop: this.stop, seconds: wait + 15,
    });
    const { events } = await response.json();
    this.onLink(true);
    for (const event of events) await this.take(event);
  }

  async read() {
    const stop = (this.stop = new AbortController());
    const response = await call(`/${this.id}/events?after=${this.cursor}`, {
      token: this.token, accept: "text/event-stream", last: this.cursor, stop, seconds: 0,
    });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
      this.polling = true;
      return stop.abort();
    }
    this.onLink(true);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const silence = setTimeout(() => stop.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split(/\r\n\r\n|\n\n/);
      text = blocks.pop();
      for (const block of blocks) {
        const data = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
        if (data.length) await this.take(JSON.parse(data.map((line) => line.slice(5)).join("\n")));
      }
    }
  }

  async take(event) {
    if (event.type === "typing") return this.onEvent(event);
    if (event.seq <= this.cursor) return;
    await this.onEvent(event);
    this.cursor = event.seq;
  }
}

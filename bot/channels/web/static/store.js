// What this browser keeps: the conversation's keys, and the messages that are not sent yet.
import { config } from "./config.js";

const SLOT = `passerelle:${config.commune}:${config.audience}:`;
const OUT = `${SLOT}out:`;

// Storage can be forbidden (private window, iframe): the page then works until it is closed.
const memory = new Map();
const storage = (() => {
  try {
    localStorage.setItem(`${SLOT}try`, "1");
    localStorage.removeItem(`${SLOT}try`);
    return localStorage;
  } catch {
    return null;
  }
})();
const get = (key) => (storage ? storage.getItem(key) : memory.get(key)) ?? null;
const set = (key, value) => (storage ? storage.setItem(key, value) : memory.set(key, value));
const remove = (key) => (storage ? storage.removeItem(key) : memory.delete(key));
const keys = () => (storage ? Object.keys(storage) : [...memory.keys()]);

export const CONVERSATION = `${SLOT}conversation`;

export function conversation() {
  try {
    return JSON.parse(get(CONVERSATION));
  } catch {
    return null;
  }
}

export const keepConversation = ({ id, token, resume_code: code }) =>
  set(CONVERSATION, JSON.stringify({ id, token, code }));

export const dropConversation = () => remove(CONVERSATION);

// One key per message: two tabs never overwrite each other's.
export function entries() {
  return keys()
    .filter((key) => key.startsWith(OUT))
    .sort()
    .map((key) => ({ key, ...JSON.parse(get(key)) }));
}

export function keepEntry(content) {
  const entry = { id: uuid(), ...content };
  entry.key = `${OUT}${String(Date.now()).padStart(15, "0")}-${entry.id}`;
  set(entry.key, JSON.stringify({ id: entry.id, ...content }));
  return entry;
}

export const dropEntry = (entry) => remove(entry.key);
export const dropEntries = () => entries().forEach(dropEntry);

/** A sentence to show after the page has reloaded. */
export function notice(text) {
  try {
    if (text !== undefined) return sessionStorage.setItem(`${SLOT}notice`, text);
    const kept = sessionStorage.getItem(`${SLOT}notice`);
    sessionStorage.removeItem(`${SLOT}notice`);
    return kept;
  } catch {
    return null;
  }
}

function uuid() {
  // randomUUID exists on secure origins only.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

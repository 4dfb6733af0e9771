// What the server tells the script: the commune, and the sentences (templates/texts.yml).
export const config = JSON.parse(document.getElementById("config").textContent);

/** Keeps « » : ; ? ! on the line of their word. */
export const french = (text) =>
  text.replace(/ (?=[»:;?!])/g, "\u00a0").replace(/« /g, "«\u00a0");

/** Returns a sentence with its blanks filled. */
export const say = (key, values = {}) =>
  french(config.texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]));

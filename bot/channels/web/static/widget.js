// Adds « Besoin d'aide ? » to a website: <script src="…/widget.js" data-commune="…" defer></script>
// Everything lives in a shadow root: the site's styles and this button leave each other alone.
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || document.querySelector("passerelle-aide")) return;
  var address = function (path) { return new URL(path, script.src).href; };
  var ORIGIN = new URL(script.src).origin;
  var CSS = "{css}";
  var PHONE = "(max-width: 600px), (max-height: 480px)";
  var OPEN = "passerelle:open";
  var EXPECTING = "passerelle:expecting";
  var commune = script.dataset.commune || "demo";
  var audience = script.dataset.audience || "resident";
  var label = script.dataset.label || "Besoin d'aide\u00a0?";
  var query = "?commune=" + encodeURIComponent(commune);

  // Storage can be forbidden: the panel is then closed on each new page, nothing worse.
  function keep(key, value) {
    try { sessionStorage.setItem(key, value ? "1" : ""); } catch (error) { /* see above */ }
  }
  function kept(key) {
    try { return sessionStorage.getItem(key) === "1"; } catch (error) { return false; }
  }
  function make(tag, attributes, parent) {
    var element = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    return parent.appendChild(element);
  }

  function build() {
    var host = make("passerelle-aide", { lang: "fr" }, document.body);
    var root = host.attachShadow({ mode: "open" });
    try {
      // Allowed under any style policy of the site, unlike a <style> or a style attribute.
      var sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch (error) {
      make("link", { rel: "stylesheet", href: address("static/widget.css") }, root);
    }
    // The commune's colour; a site that forbids our styles keeps the default one.
    make("link", { rel: "stylesheet", href: address("chat/theme.css" + query) }, root);

    var button = make("button", { type: "button", class: "open", "aria-expanded": "false", "aria-haspopup": "dialog" }, root);
    var ns = "http://www.w3.org/2000/svg";
    var icon = document.createElementNS(ns, "svg");
    [["class", "icon"], ["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"], ["stroke-linejoin", "round"]]
      .forEach(function (pair) { icon.setAttribute(pair[0], pair[1]); });
    icon.appendChild(document.createElementNS(ns, "path")).setAttribute("d", "M4 5h16v11H10l-5 4v-4H4z");
    button.appendChild(icon);
    make("span", { class: "words" }, button).textContent = label;
    var count = make("span", { class: "count", hidden: "" }, button);
    var number = make("span", { "aria-hidden": "true" }, count);
    var spoken = make("span", { class: "hidden" }, count);
    var panel = make("dialog", { "aria-label": "Passerelle, aide en ligne" }, root);
    var frame = null;

    function tell(word) {
      if (frame) frame.contentWindow.postMessage({ passerelle: word, shown: panel.open }, ORIGIN);
    }
    function load() {
      if (frame) return;
      frame = make("iframe", {
        title: "Conversation avec Passerelle, l'assistant de la commune",
        allow: "clipboard-write",
        src: address("chat" + query + "&audience=" + encodeURIComponent(audience)),
      }, panel);
      frame.addEventListener("load", function () {
        tell("hello");
        if (panel.open && frame === root.activeElement) tell("shown");
      });
    }
    function open(byHand) {
      if (panel.open) return;
      load();
      // On a phone the panel covers the page: what is behind must be out of reach too.
      if (matchMedia(PHONE).matches) panel.showModal();
      else panel.show();
      button.setAttribute("aria-expanded", "true");
      keep(OPEN, true);
      if (byHand) {
        frame.focus();
        tell("shown");
      } else if (root.activeElement) {
        root.activeElement.blur(); // a new page starts at its own top
      }
    }
    function close() {
      if (panel.open) panel.close();
    }
    panel.addEventListener("close", function () {
      button.setAttribute("aria-expanded", "false");
      keep(OPEN, false);
      tell("hidden");
      button.focus();
    });
    button.addEventListener("click", function () { if (panel.open) close(); else open(true); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && panel.open && !event.defaultPrevented) close();
    });
    window.addEventListener("message", function (event) {
      if (!frame || event.source !== frame.contentWindow || event.origin !== ORIGIN || !event.data) return;
      var data = event.data;
      if (data.passerelle === "close") close();
      if (data.passerelle === "state") keep(EXPECTING, data.state === "waiting" || data.state === "counsellor");
      if (data.passerelle === "unread") {
        var unread = Math.max(0, Math.min(99, Number(data.count) || 0));
        count.hidden = !unread;
        number.textContent = String(unread);
        spoken.textContent = unread > 1 ? unread + " nouveaux messages" : "1 nouveau message";
      }
    });
    if (kept(OPEN)) open(false);
    else if (kept(EXPECTING)) load(); // a counsellor's answer must be signalled on any page
  }

  if (document.body) build();
  else document.addEventListener("DOMContentLoaded", build);
})();

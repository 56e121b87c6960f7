// 条问 widget: a custom element that asks, streams the verified answer and opens every citation in place.
// Everything is put in with textContent; nothing that comes from the server is ever read as HTML.

const TEXTS = __TEXTS__;
const STYLE = __STYLE__;

/** An element with a class, text and attributes. */
function el(tag, className = "", text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  return made;
}

function button(className, text, onClick, attributes = {}) {
  const made = el("button", className, text, { type: "button", ...attributes });
  if (onClick) made.addEventListener("click", onClick);
  return made;
}

/** A button that is pressed or not. */
function toggle(className, text, onClick) {
  return button(className, text, onClick, { "aria-pressed": "false" });
}

function isPressed(made) {
  return made.getAttribute("aria-pressed") === "true";
}

function press(made, isOn) {
  made.setAttribute("aria-pressed", String(isOn));
}

/** A group with a name of its own. */
function group(className, label) {
  return el("div", className, "", { role: "group", "aria-label": label });
}

/** A text with its {} filled in, in order. */
function fill(text, ...values) {
  return values.reduce((filled, value) => filled.replace("{}", () => String(value)), text);
}

/** Blanks and line ends between Chinese characters belong to the scan, not to the text. */
function flow(text) {
  return text.replace(/\s+/g, " ").replace(/([^\x00-\x7f]) /g, "$1").replace(/ ([^\x00-\x7f])/g, "$1");
}

function bare(title) {
  return flow(title).replace(/^《|》$/g, "");
}

/** Storage of this tab; a page may forbid it, and then nothing is remembered. */
const memory = {
  read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the conversation goes on, only a reload forgets it.
    }
  },
};

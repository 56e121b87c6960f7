// The verdict while somebody types. The page is asked for anew and its parts are put in place of the old ones; the
// browser parses it (an XMLHttpRequest may hand over a document), so no text here ever becomes markup.

const form = document.querySelector("form[data-live]");
const announcer = document.getElementById("announcer");
const failure = document.getElementById("live-failed");
const PAUSE = 250;

let request = null;
let timer = 0;

form.classList.add("live");
form.addEventListener("input", (event) => schedule(event.target.type === "radio" ? 0 : PAUSE));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  refresh();
});
form.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const link = event.target.closest("a[data-apply]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (apply(new URL(link.href).searchParams)) {
    event.preventDefault();
    refresh();
  }
});

function schedule(pause) {
  clearTimeout(timer);
  timer = setTimeout(refresh, pause);
}

// Puts values into their controls; false where one has none, so that the link is followed instead.
function apply(values) {
  const facts = [...values].filter(([name]) => name.startsWith("f."));
  if (facts.some(([name]) => !form.elements[name])) return false;
  for (const [name, value] of facts) form.elements[name].value = value;
  return true;
}

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.set(name, value);
  return `${form.getAttribute("action")}?${query}`;
}

function refresh() {
  clearTimeout(timer);
  request?.abort();
  const wanted = address();
  request = new XMLHttpRequest();
  request.open("GET", wanted);
  request.setRequestHeader("accept", "text/html");
  request.responseType = "document";
  request.timeout = 15000;
  request.onload = () => show(request.response, wanted);
  request.onerror = request.ontimeout = () => show(null, wanted);
  request.send();
}

function show(page, wanted) {
  const result = page?.getElementById("result");
  failure.hidden = Boolean(result);
  if (!result) return;
  const shown = document.getElementById("result");
  const was = shown.dataset.said;
  shown.replaceWith(document.importNode(result, true));
  replaceFacts(page.getElementById("facts"));
  page.querySelectorAll("[data-field]").forEach(showState);
  history.replaceState(null, "", wanted);
  if (result.dataset.said !== was) announcer.textContent = result.dataset.said;
}

// The fields change only with the rule: while the same one is filled in, nobody loses the place of the cursor.
function replaceFacts(facts) {
  const shown = document.getElementById("facts");
  if (facts.dataset.rule === shown.dataset.rule) return;
  shown.replaceWith(document.importNode(facts, true));
  const rule = document.getElementById("rule");
  const choices = facts.ownerDocument.getElementById("rule");
  rule.replaceChildren(...[...choices.children].map((child) => document.importNode(child, true)));
}

function showState(fresh) {
  const field = document.getElementById(fresh.id);
  if (!field) return;
  field.className = fresh.className;
  const fault = fresh.querySelector(".fault").textContent;
  field.querySelector(".fault").textContent = fault;
  for (const control of field.querySelectorAll("input:not([type=radio]), select")) {
    if (fault) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

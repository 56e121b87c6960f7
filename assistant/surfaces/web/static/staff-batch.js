// Sends a table and shows how far it is; the result is built element by element from what the server rendered.
const SVG = "http://www.w3.org/2000/svg";
const FORBIDDEN = new Set(["script", "style", "iframe", "object", "embed", "base"]);

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-template")) return;
    event.preventDefault();
    send(form);
  });
}

function parts(form) {
  const find = (name) => form.querySelector(`[data-${name}]`);
  return {
    start: find("start"), working: find("working"), stage: find("stage"), count: find("count"), bar: find("bar"),
    stages: find("stages"), cancel: find("cancel"), problem: find("problem"), status: find("status"),
    result: document.querySelector("[data-result]"), texts: JSON.parse(form.dataset.texts),
  };
}

async function send(form) {
  const view = parts(form);
  if (form.elements.file.files[0]?.size > Number(form.dataset.most)) {
    tell(view, view.texts.too_large);
    return;
  }
  const abort = new AbortController();
  const cancel = () => abort.abort();
  begin(view);
  view.cancel.addEventListener("click", cancel);
  window.addEventListener("pagehide", cancel);
  try {
    const reply = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { accept: "text/event-stream" }, signal: abort.signal,
    });
    if (!reply.ok) {
      tell(view, await describe(reply, view.texts));
      return;
    }
    await follow(reply, view);
  } catch (error) {
    if (abort.signal.aborted) say(view, view.texts.cancelled);
    else tell(view, view.texts.cut);
  } finally {
    view.cancel.removeEventListener("click", cancel);
    window.removeEventListener("pagehide", cancel);
    view.working.hidden = true;
    view.start.disabled = false;
    if (document.activeElement === document.body) view.start.focus();
  }
}

function begin(view) {
  view.start.disabled = true;
  view.problem.hidden = true;
  view.result.replaceChildren();
  document.querySelector("main > .notice.error")?.remove();
  view.stages.replaceChildren();
  view.bar.removeAttribute("value");
  view.count.textContent = "";
  view.stage.textContent = view.texts.sending;
  view.working.hidden = false;
  view.cancel.focus();
  say(view, view.texts.sending);
}

// The events of a reply; one that ends without a result or an error was cut off.
async function follow(reply, view) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("cut");
    const pieces = (text + value).split("\n\n");
    text = pieces.pop();
    for (const piece of pieces) {
      const name = /^event: (.+)$/m.exec(piece)?.[1];
      if (!name) continue;
      const data = JSON.parse(piece.slice(piece.indexOf("data: ") + 6));
      if (name === "progress") advance(view, data);
      if (name === "result") return show(view, data.tree);
      if (name === "error") return tell(view, problemText(data));
    }
  }
}

function advance(view, { stage, done, all }) {
  if (stage !== view.current) {
    if (view.current) {
      const item = document.createElement("li");
      item.textContent = `${view.current} ✓`;
      view.stages.append(item);
    }
    view.current = stage;
    view.stage.textContent = stage;
    say(view, stage);
  }
  view.bar.max = Math.max(all, 1);
  view.bar.value = Math.min(done, all);
  view.count.textContent = fill(view.texts.count, { done, all });
}

function show(view, tree) {
  view.result.replaceChildren(...tree.map((node) => build(node, false)));
  const title = view.result.querySelector("h2");
  title?.focus({ preventScroll: true });
  view.result.scrollIntoView({ block: "start" });
  say(view, view.texts.finished);
}

function build(node, isDrawing) {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, attributes, children] = node;
  if (FORBIDDEN.has(tag)) return document.createTextNode("");
  const inside = isDrawing || tag === "svg";
  const element = inside ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (!name.startsWith("on")) element.setAttribute(name, value);
  }
  element.append(...children.map((child) => build(child, inside)));
  return element;
}

async function describe(reply, texts) {
  try {
    return problemText(await reply.json());
  } catch {
    return fill(texts.failed, { "": reply.status });
  }
}

function problemText(problem) {
  return [problem.detail, problem.hint].filter(Boolean).join("。");
}

function tell(view, text) {
  view.problem.textContent = text;
  view.problem.hidden = false;
}

function say(view, text) {
  view.status.textContent = text;
}

function fill(text, values) {
  return text.replace(/\{(\w*)\}/g, (whole, name) => values[name] ?? whole);
}

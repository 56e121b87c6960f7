// Citations that open in place: who says it, the exact quote, and on opening the whole clause with the
// quote marked. Offsets count code points of the source, so texts are cut as arrays of code points.

/** An element with a class and text. */
export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Blanks and line ends between Chinese characters belong to the scan, not to the text. */
function flow(text) {
  return text.replace(/\s+/g, " ").replace(/([^\x00-\x7f]) /g, "$1").replace(/ ([^\x00-\x7f])/g, "$1");
}

let panelCount = 0;

/** The citations of one answer: `mark(n, host)` and `list(title)` make buttons that open them. */
export function createCitations(citations, request) {
  const byNumber = new Map(citations.map((citation) => [citation.n, citation]));
  return {
    has: (n) => byNumber.has(n),
    mark(n, host) {
      const citation = byNumber.get(n);
      const button = element("button", "mark", String(n));
      button.type = "button";
      button.setAttribute("aria-label", `依据 ${n}：${citation.clause}`);
      button.title = `${citation.clause}　${citation.number}`;
      connect(button, host, citation, request);
      return button;
    },
    list(title) {
      const section = element("section", "cited");
      section.append(element("h3", "", title));
      const list = element("ol", "cited-list");
      for (const citation of citations) list.append(listItem(citation, request));
      section.append(list);
      return section;
    },
  };
}

function listItem(citation, request) {
  const item = element("li");
  const button = element("button", "cited-line");
  button.type = "button";
  button.append(
    element("span", "number", String(citation.n)),
    element("span", "clause", citation.clause),
    element("span", "source", `${citation.number || `《${flow(citation.title)}》`} · ${citation.region}`),
  );
  item.append(button);
  connect(button, button, citation, request);
  return item;
}

/** Pressing `button` opens the panel right after `host`, pressing it again (or Esc) closes it. */
function connect(button, host, citation, request) {
  let panel = null;
  const close = () => {
    panel?.remove();
    panel = null;
    button.setAttribute("aria-expanded", "false");
    button.removeAttribute("aria-controls");
  };
  close();
  button.addEventListener("click", () => {
    if (panel) {
      close();
      return;
    }
    panel = citationPanel(citation, request);
    host.after(panel);
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", panel.id);
    const leave = () => {
      close();
      button.focus();
    };
    panel.querySelector(".close").addEventListener("click", leave);
    const onEscape = (event) => {
      if (event.key === "Escape" && panel) leave();
    };
    panel.addEventListener("keydown", onEscape);
    button.onkeydown = onEscape;
  });
}

function citationPanel(citation, request) {
  panelCount += 1;
  const panel = element("div", "panel");
  panel.id = `citation-${panelCount}`;
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", `依据 ${citation.n}`);
  const top = element("div", "panel-top");
  top.append(element("strong", "clause", citation.clause));
  const closeButton = element("button", "close", "收起");
  closeButton.type = "button";
  top.append(closeButton);
  const title = `《${flow(citation.title).replace(/^《|》$/g, "")}》`;
  const facts = [citation.number, citation.region, citation.issuer && flow(citation.issuer)].filter(Boolean);
  panel.append(
    top,
    element("p", "panel-title", title),
    element("p", "panel-facts", facts.join(" · ")),
    element("blockquote", "quote", flow(citation.quote)),
  );
  const whole = element("div", "whole", "正在读取条款全文…");
  panel.append(whole);
  showClause(whole, citation, request);
  return panel;
}

async function showClause(whole, citation, request) {
  try {
    const clause = await request(`/v1/clauses/${encodeURIComponent(citation.clause_id)}`);
    const body = clause.cells.length ? cellTable(clause, citation) : clauseText(clause, citation);
    const label = element("p", "whole-label", "条款全文");
    if (clause.headings.length) {
      label.append(element("span", "path", clause.headings.map(flow).join(" › ")));
    }
    whole.replaceChildren(label, body);
  } catch (error) {
    whole.replaceChildren(element("p", "muted", `条款全文读取失败：${error.message}${error.hint || ""}`));
  }
}

/** The clause as it stands in the source, with the quoted stretch marked. */
function clauseText(clause, citation) {
  return marked(clause.source, clause.start, citation, element("p", "whole-text"));
}

function marked(text, offset, citation, into) {
  const points = Array.from(text);
  const clamp = (position) => Math.max(0, Math.min(points.length, position - offset));
  const [start, end] = [clamp(citation.start), clamp(citation.end)];
  into.append(flow(points.slice(0, start).join("")));
  if (end > start) into.append(element("mark", "", flow(points.slice(start, end).join(""))));
  into.append(flow(points.slice(end).join("")));
  return into;
}

/** A row of an annex: each cell under its column header, the quoted cells marked. */
function cellTable(clause, citation) {
  const list = element("dl", "cells");
  for (const cell of clause.cells) {
    const value = element("dd");
    const isQuoted = cell.start < citation.end && citation.start < cell.end;
    value.append(isQuoted ? element("mark", "", flow(cell.text)) : flow(cell.text));
    list.append(element("dt", "", flow(cell.header) || "内容"), value);
  }
  return list;
}

/** A line of the answer, each [n] a button that opens citation n below the line. */
export function linkMarks(line, panels) {
  const paragraph = element("p");
  for (const piece of line.split(/(\[\d+\])/)) {
    const number = /^\[(\d+)\]$/.exec(piece);
    const isMark = number && panels.has(Number(number[1]));
    paragraph.append(isMark ? panels.mark(Number(number[1]), paragraph) : piece);
  }
  return paragraph;
}

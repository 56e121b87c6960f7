// Citations that open in place: who says it, the exact quote, the whole clause with the quote marked, the way to
// the reader. Offsets count code points of the source, so texts are cut as arrays of code points.

let panelCount = 0;

/** The citations of one answer, which may still be coming in. */
class Citations {
  constructor(client) {
    this.client = client;
    this.byNumber = new Map();
  }

  add(citation) {
    this.byNumber.set(citation.n, citation);
  }

  /** A line of the answer, each [n] a button that opens citation n below the line. */
  line(text) {
    const paragraph = el("p");
    for (const piece of text.split(/(\[\d+\])/)) {
      const number = /^\[(\d+)\]$/.exec(piece);
      const citation = number && this.byNumber.get(Number(number[1]));
      if (citation) paragraph.append(this.mark(citation, paragraph));
      else if (piece) paragraph.append(piece);
    }
    return paragraph;
  }

  mark(citation, host) {
    const made = button("mark", String(citation.n), null, {
      "aria-label": `${fill(TEXTS.citation, citation.n)}：${citation.clause}`,
      title: `${citation.clause}　${citation.number}`,
    });
    this.connect(made, host, citation);
    return made;
  }

  /** Every citation by number, under the document it stands in. */
  list(title) {
    const section = el("div", "cited");
    section.append(el("p", "label", title));
    let source = "";
    let list = null;
    for (const citation of [...this.byNumber.values()].sort((a, b) => a.n - b.n)) {
      const named = `${citation.number || `《${bare(citation.title)}》`} · ${citation.region}`;
      if (named !== source) {
        list = el("ol");
        section.append(el("p", "facts", named), list);
        source = named;
      }
      const item = el("li");
      const made = button("cited-line");
      const words = [["number", citation.n], ["clause", citation.clause], ["said", flow(citation.quote)]];
      made.append(...words.map(([name, text]) => el("span", name, String(text))));
      item.append(made);
      this.connect(made, made, citation);
      list.append(item);
    }
    return section;
  }

  /** Pressing the button opens the panel right after `host`, pressing it again (or Esc) closes it. */
  connect(opener, host, citation) {
    let panel = null;
    const close = () => {
      panel?.remove();
      panel = null;
      opener.setAttribute("aria-expanded", "false");
      opener.removeAttribute("aria-controls");
    };
    const leave = () => {
      close();
      opener.focus();
    };
    const onEscape = (event) => {
      if (event.key !== "Escape" || !panel) return;
      event.stopPropagation(); // the widget itself stays open
      leave();
    };
    close();
    opener.addEventListener("keydown", onEscape);
    opener.addEventListener("click", () => {
      if (panel) {
        close();
        return;
      }
      panel = this.panel(citation, leave);
      panel.addEventListener("keydown", onEscape);
      host.after(panel);
      opener.setAttribute("aria-expanded", "true");
      opener.setAttribute("aria-controls", panel.id);
    });
  }

  panel(citation, leave) {
    panelCount += 1;
    const panel = group("panel", fill(TEXTS.citation, citation.n));
    panel.id = `citation-${panelCount}`;
    const top = el("div", "panel-top");
    top.append(el("strong", "clause", citation.clause), button("small close", TEXTS.fold, leave));
    const facts = [citation.number, citation.region, citation.issuer && flow(citation.issuer)].filter(Boolean);
    const whole = el("div", "whole", TEXTS.clause_loading);
    panel.append(
      top,
      el("p", "", `《${bare(citation.title)}》`),
      el("p", "facts", facts.join(" · ")),
      el("blockquote", "", flow(citation.quote)),
      this.readerLink(citation),
      whole,
    );
    this.showClause(whole, citation);
    return panel;
  }

  readerLink(citation) {
    const path = citation.clause_id.slice(citation.clause_id.indexOf("#") + 1);
    const query = `mark=${citation.start}-${citation.end}`;
    const address = `/documents/${encodeURIComponent(citation.document)}?${query}#c-${encodeURIComponent(path)}`;
    return el("a", "", TEXTS.in_reader, { href: this.client.base + address, target: "_blank", rel: "noopener" });
  }

  async showClause(whole, citation) {
    try {
      const clause = await this.client.json(`/v1/clauses/${encodeURIComponent(citation.clause_id)}`);
      const label = el("p", "label", TEXTS.clause_whole);
      if (clause.headings.length) label.append(el("span", "path", clause.headings.map(flow).join(" › ")));
      whole.replaceChildren(label, clause.cells.length ? cellTable(clause, citation) : clauseText(clause, citation));
    } catch (error) {
      whole.replaceChildren(el("p", "", fill(TEXTS.clause_failed, error.message)));
    }
  }
}

/** The clause as it stands in the source, with the quoted stretch marked. */
function clauseText(clause, citation) {
  const points = Array.from(clause.source);
  const clamp = (position) => Math.max(0, Math.min(points.length, position - clause.start));
  const [start, end] = [clamp(citation.start), clamp(citation.end)];
  const text = el("p", "whole-text", flow(points.slice(0, start).join("")));
  if (end > start) text.append(el("mark", "", flow(points.slice(start, end).join(""))));
  text.append(flow(points.slice(end).join("")));
  return text;
}

/** A row of an annex: each cell under its column header, the quoted cells marked. */
function cellTable(clause, citation) {
  const list = el("dl", "cells");
  for (const cell of clause.cells) {
    const value = el("dd");
    const isQuoted = cell.start < citation.end && citation.start < cell.end;
    value.append(isQuoted ? el("mark", "", flow(cell.text)) : flow(cell.text));
    list.append(el("dt", "", flow(cell.header) || TEXTS.cell), value);
  }
  return list;
}

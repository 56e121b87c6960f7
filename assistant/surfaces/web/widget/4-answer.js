// One turn of the conversation: the question, the answer as it comes in, what can be done with it.

class Turn {
  constructor(widget, question, region) {
    this.widget = widget;
    this.question = question;
    this.region = region;
    this.citations = new Citations(widget.client);
    this.card = el("article", "turn");
    const asked = el("p", "asked");
    asked.append(el("span", "visually-hidden", `${TEXTS.you}：`), question.question);
    if (region) asked.append(el("span", "asked-region", region));
    this.answer = el("div", "answer", "", { "aria-busy": "true" });
    this.waiting = el("p", "waiting", TEXTS.searching);
    this.text = el("div", "text");
    this.answer.append(this.waiting, this.text);
    this.card.append(asked, this.answer);
  }

  /** An event of the stream. Lines are shown as they come: each has been verified. */
  onEvent(name, data) {
    if (name === "status") this.widget.conversation.session = data.session_id;
    if (name === "citation") this.citations.add(data);
    if (name !== "text") return;
    this.waiting.textContent = TEXTS.checking;
    this.addLine(data.text);
  }

  addLine(line) {
    for (const part of line.split(/\n+/)) if (part.trim()) this.text.append(this.citations.line(part));
  }

  /** The whole answer; what the stream brought is replaced, so that nothing half shown remains. */
  show(answer) {
    this.settle(answer.status);
    answer.citations.forEach((citation) => this.citations.add(citation));
    this.text.replaceChildren();
    this.addLine(answer.text);
    for (const notice of answer.notices) this.answer.append(el("p", "notice", notice));
    const decision = answer.decision;
    if (decision && decision.checks.length > 1) this.answer.append(checkTable(decision, this.citations));
    if (decision && decision.ask.length) this.answer.append(askForm(decision.ask, this.widget));
    if (answer.citations.length) {
      this.answer.append(this.citations.list(answer.status === "refused" ? TEXTS.nearest : TEXTS.cited));
    }
    const made = answer.generated ? ` · ${TEXTS.generated}` : "";
    this.answer.append(el("p", "meta", fill(TEXTS.as_of, answer.as_of) + made));
    this.answer.append(feedbackBar(answer, this.widget.client));
  }

  fail(failure) {
    const isStopped = failure.kind === "stopped";
    this.settle(isStopped ? "stopped" : "failed");
    this.answer.append(el("p", this.text.childElementCount ? "notice" : "", failure.message));
    if (failure.hint) this.answer.append(el("p", "hint", failure.hint));
    const again = button("secondary", TEXTS.again, () => {
      this.card.remove();
      this.widget.submit(this.question, this.region);
    });
    this.answer.append(again);
  }

  settle(status) {
    this.waiting.remove();
    this.answer.removeAttribute("aria-busy");
    this.answer.classList.add(status);
    this.answer.prepend(el("p", "badge", TEXTS.status[status] || status));
  }
}

/** The executed checks of a decision, folded: the text above has told them already. */
function checkTable(decision, citations) {
  const words = TEXTS.decision;
  const counts = new Map();
  for (const check of decision.checks) counts.set(check.outcome, (counts.get(check.outcome) || 0) + 1);
  const told = [...counts].map(([outcome, n]) => `${words.outcomes[outcome] || outcome} ${n}`).join("，");
  const details = el("details", "checks");
  details.append(el("summary", "", `${words.title}（${told}）`));
  const table = el("table");
  const head = el("tr");
  for (const name of [words.item, words.outcome, words.shown, words.basis]) head.append(el("th", "", name));
  table.append(el("thead"), el("tbody"));
  table.tHead.append(head);
  const box = group("scroll", words.title);
  box.tabIndex = 0;
  box.append(table);
  for (const check of decision.checks) {
    const row = el("tr", check.outcome);
    const basis = el("td");
    for (const n of check.cites) {
      const citation = citations.byNumber.get(n);
      if (citation) basis.append(citations.mark(citation, box));
    }
    const name = el("td", "", check.label);
    if (check.reminder) name.append(el("span", "reminder", words.reminder));
    row.append(name, el("td", "outcome", words.outcomes[check.outcome] || check.outcome), el("td", "", check.shown), basis);
    table.tBodies[0].append(row);
  }
  details.append(box);
  return details;
}

// What the asker may give back: the facts still wanted, as chips and fields, and whether the answer was of use.

const SHORT_CHOICES = 5;
let fieldCount = 0;

/** Fields for the facts that are still wanted; a lone yes-or-no is sent by pressing it. */
function askForm(asks, widget) {
  const words = TEXTS.asks;
  const form = el("form", "asks");
  form.noValidate = true;
  form.append(el("p", "label", words.title));
  const fields = asks.map((ask) => new AskField(ask));
  fields.forEach((field) => form.append(field.box));
  const error = el("p", "field-error", "", { role: "alert" });
  const send = el("button", "primary", words.send);
  const isLone = fields.length === 1 && fields[0].chips.length > 0;
  if (isLone) fields[0].onPick = () => form.requestSubmit();
  else form.append(send);
  form.append(error);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = fields.filter((field) => field.value);
    error.textContent = given.length ? "" : words.none;
    if (!given.length) {
      fields[0].focus();
      return;
    }
    if (widget.isBusy) return;
    form.querySelectorAll("input, select, button").forEach((control) => (control.disabled = true));
    const text = given.map((field) => fill(words.pair, field.ask.label, field.shown)).join(words.separator);
    const facts = Object.fromEntries(given.map((field) => [field.ask.fact, field.value]));
    widget.submit({ question: text, facts }, "");
  });
  return form;
}

/** One fact: chips for yes or no and few choices, else a field. */
class AskField {
  constructor(ask) {
    this.ask = ask;
    this.chips = [];
    this.onPick = () => {};
    fieldCount += 1;
    const id = `fact-${fieldCount}`;
    const options = ask.type === "boolean" ? ["true", "false"] : ask.choices;
    const isChips = options.length > 0 && options.length <= SHORT_CHOICES;
    this.box = el(isChips ? "fieldset" : "div", "ask");
    const label = el(isChips ? "legend" : "label", "", ask.question);
    this.box.append(label);
    if (isChips) {
      this.chips = options.map((value) => this.chip(value));
      const row = el("div", "chips");
      row.append(...this.chips);
      this.box.append(row);
      return;
    }
    label.htmlFor = id;
    this.control = el(options.length ? "select" : "input");
    this.control.id = id;
    if (options.length) this.control.append(new Option(TEXTS.asks.pick, ""), ...options.map((o) => new Option(o, o)));
    else if (ask.type === "date") this.control.type = "date";
    else if (["integer", "decimal", "share"].includes(ask.type)) this.control.inputMode = "decimal";
    const row = el("span", "control");
    row.append(this.control, el("span", "unit", ask.type === "share" ? "%" : ask.unit));
    this.box.append(row);
  }

  chip(value) {
    const made = toggle("chip", TEXTS.asks[value] || value, () => {
      const isOn = !isPressed(made);
      this.chips.forEach((other) => press(other, isOn && other === made));
      if (isOn) this.onPick();
    });
    made.value = value;
    return made;
  }

  get value() {
    if (!this.control) return this.chips.find(isPressed)?.value || "";
    const text = this.control.value.trim();
    return text && this.ask.type === "share" && /^[\d.]+$/.test(text) ? `${text}%` : text;
  }

  get shown() {
    const value = this.value;
    if (!this.control) return TEXTS.asks[value] || value;
    return this.ask.type === "share" || !/^[\d.]+$/.test(value) ? value : value + this.ask.unit;
  }

  focus() {
    (this.control || this.chips[0]).focus();
  }
}

/** Two buttons; "no use" asks why. */
function feedbackBar(answer, client) {
  const words = TEXTS.feedback;
  const bar = group("feedback", words.label);
  const told = el("span", "told", "", { role: "status" });
  const vote = async (value, more = {}) => {
    press(up, value === "up");
    press(down, value === "down");
    try {
      await client.json("/v1/feedback", { answer_id: answer.id, session_id: answer.session_id, vote: value, ...more });
      told.textContent = words.thanks;
      return true;
    } catch (error) {
      told.textContent = fill(words.failed, error.message + error.hint);
      return false;
    }
  };
  const up = toggle("small vote", words.up, () => {
    form?.remove();
    form = null;
    vote("up");
  });
  let form = null;
  const down = toggle("small vote", words.down, () => {
    vote("down");
    if (form) return;
    form = reasonForm(async (more) => {
      if (!(await vote("down", more))) return;
      form.remove();
      form = null;
      down.focus();
    });
    bar.after(form);
    form.querySelector("button").focus();
  });
  bar.append(up, down, told);
  return bar;
}

function reasonForm(onSend) {
  const words = TEXTS.feedback;
  const form = el("form", "asks reasons");
  const set = el("fieldset", "ask");
  const row = el("div", "chips");
  const chips = words.reasons.map((reason) => {
    const made = toggle("chip", reason, () => chips.forEach((other) => press(other, other === made)));
    return made;
  });
  row.append(...chips);
  set.append(el("legend", "", words.why), row);
  const label = el("label", "", words.comment);
  const comment = el("textarea");
  fieldCount += 1;
  comment.id = label.htmlFor = `fact-${fieldCount}`;
  comment.rows = 2;
  comment.maxLength = 1000;
  form.append(set, label, comment, el("button", "secondary", words.send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = chips.find(isPressed)?.textContent;
    const more = {};
    if (reason) more.reason = reason;
    if (comment.value.trim()) more.comment = comment.value.trim();
    onSend(more);
  });
  return form;
}

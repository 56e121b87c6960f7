// The element itself. Attributes: endpoint (address of the server), token (publish token, for other sites), region,
// title, lang, open; mode="page" fills its place on the page instead of floating in a corner.

const SLOW_MS = 4000;
const KEPT_TURNS = 20;

class TiaowenAsk extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const base = (this.getAttribute("endpoint") || new URL(import.meta.url).origin).replace(/\/+$/, "");
    this.client = new Client(base, this.getAttribute("token") || "");
    this.memoryKey = `tiaowen:${base}`;
    this.conversation = { session: "", region: "", turns: [] };
    this.isPage = this.getAttribute("mode") === "page";
    this.isBusy = false;
    this.build();
    this.listen();
    this.restore();
    if (this.isPage || this.hasAttribute("open")) this.open(false);
  }

  // ---- parts -----------------------------------------------------------------------------------------

  build() {
    const root = this.attachShadow({ mode: "open" });
    addStyle(root);
    const title = this.getAttribute("title") || TEXTS.title;
    this.removeAttribute("title"); // a browser would show it as a tip over everything
    const lang = this.getAttribute("lang") || "zh-CN";
    this.frame = el("section", this.isPage ? "frame page" : "frame", "", { lang, hidden: "", "aria-label": title });
    this.launcher = button("launcher", TEXTS.open, null, { lang, "aria-expanded": "false" });
    this.anew = button("small", TEXTS.anew);
    this.anew.hidden = true;
    this.larger = toggle("small", TEXTS.larger, () => press(this.larger, this.frame.classList.toggle("large")));
    this.closer = button("small", TEXTS.close);
    this.log = group("log", TEXTS.conversation);
    if (!this.isPage) this.log.tabIndex = 0; // it scrolls by itself
    if (!this.isPage) this.log.append(el("p", "greeting", TEXTS.greeting));
    this.announcer = el("p", "visually-hidden", "", { role: "status" });
    this.frame.append(this.log, this.buildForm());
    if (this.isPage) {
      this.sender.before(this.anew, this.larger);
    } else {
      const bar = el("div", "bar");
      bar.append(el("strong", "title", title), this.anew, this.larger, this.closer);
      this.frame.prepend(bar);
      this.frame.append(el("p", "footer", TEXTS.footer));
      root.append(this.launcher);
    }
    this.frame.append(this.announcer);
    root.append(this.frame);
  }

  buildForm() {
    this.form = el("form", "composer");
    const label = el("label", "visually-hidden", TEXTS.question);
    this.box = el("textarea", "", "", { placeholder: TEXTS.placeholder, "aria-describedby": "keys" });
    this.box.id = label.htmlFor = "question";
    this.box.rows = 2;
    this.box.maxLength = 2000;
    const keys = el("span", "keys", TEXTS.keys, { id: "keys" });
    const regionLabel = el("label", "region", TEXTS.region);
    this.regions = el("select");
    this.regions.append(new Option(TEXTS.all_regions, ""));
    regionLabel.append(this.regions);
    this.sender = el("button", "primary", TEXTS.ask);
    const row = el("div", "controls");
    row.append(regionLabel, keys, this.sender);
    this.form.append(label, this.box, row);
    return this.form;
  }

  listen() {
    this.launcher.addEventListener("click", () => (this.frame.hidden ? this.open(true) : this.close()));
    this.closer.addEventListener("click", () => this.close());
    this.anew.addEventListener("click", () => this.begin(true));
    this.frame.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.isPage) this.close();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.isBusy) this.stopper.abort();
      else this.ask(this.box.value);
    });
    // Enter asks, unless an input method is still composing (229 is what Safari sends just after it).
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      if (!this.isBusy) this.ask(this.box.value);
    });
  }

  // ---- opening and closing ---------------------------------------------------------------------------

  open(isAsked) {
    this.frame.hidden = false;
    this.launcher.setAttribute("aria-expanded", "true");
    this.launcher.classList.add("opened");
    if (!this.isReady) this.showRegions();
    this.isReady = true;
    if (isAsked) this.box.focus();
    this.log.scrollTop = this.log.scrollHeight;
  }

  close() {
    this.frame.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.classList.remove("opened");
    this.launcher.focus();
  }

  async showRegions() {
    this.chooseRegion(this.conversation.region || this.getAttribute("region") || "");
    try {
      const { regions } = await this.client.json("/v1/regions");
      const chosen = this.regions.value;
      for (const region of regions) this.addRegion(region.name);
      this.regions.value = chosen;
    } catch {
      // Without the list every region can still be named in the question.
    }
  }

  addRegion(name) {
    if (![...this.regions.options].some((option) => option.value === name)) this.regions.append(new Option(name, name));
  }

  chooseRegion(name) {
    this.addRegion(name);
    this.regions.value = name;
  }

  // ---- asking ----------------------------------------------------------------------------------------

  /** Ask a question as if it had been typed; a page may call this. */
  ask(text, region) {
    if (this.isBusy) return;
    if (this.frame.hidden) this.open(false);
    if (region !== undefined) this.chooseRegion(region);
    const question = text.trim();
    if (!question) {
      this.announce(TEXTS.empty);
      this.box.focus();
      return;
    }
    const place = this.regions.value;
    // A conversation remembers its place, so only a new one has none.
    if (!place && this.conversation.region) this.begin(false);
    this.box.value = "";
    this.conversation.region = place;
    this.submit({ question }, place);
    this.dispatchEvent(new CustomEvent("tiaowen-ask", { detail: { question, region: place } }));
  }

  async submit(question, region) {
    const turn = new Turn(this, question, region);
    this.log.append(turn.card);
    turn.card.scrollIntoView({ block: "start", behavior: "auto" });
    this.stopper = new AbortController();
    this.setBusy(true);
    this.announce(TEXTS.searching);
    const slow = setTimeout(() => {
      turn.waiting.textContent = TEXTS.slow;
      this.announce(TEXTS.slow);
    }, SLOW_MS);
    const payload = { ...question };
    if (region) payload.region = region;
    if (this.conversation.session) payload.session_id = this.conversation.session;
    try {
      const answer = await this.client.ask(payload, (name, data) => turn.onEvent(name, data), this.stopper.signal);
      turn.show(answer);
      this.conversation.session = answer.session_id;
      this.keep({ question, region, answer });
      this.announce(`${TEXTS.status[answer.status] || ""}：${answer.text.replace(/\[\d+\]/g, "")}`);
    } catch (error) {
      const words = TEXTS.failures;
      const failure = error instanceof Failure ? error : new Failure(words.broken, words.broken_hint);
      if (failure !== error) console.error(error);
      turn.fail(failure);
      this.announce(`${TEXTS.status.failed}：${failure.message}`);
    } finally {
      clearTimeout(slow);
      this.setBusy(false);
      this.anew.hidden = false;
    }
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.sender.textContent = isBusy ? TEXTS.stop : TEXTS.ask;
    this.sender.classList.toggle("stop", isBusy);
    this.anew.disabled = isBusy;
  }

  announce(text) {
    this.announcer.textContent = text;
  }

  // ---- the conversation ------------------------------------------------------------------------------

  keep(turn) {
    this.conversation.turns = [...this.conversation.turns, turn].slice(-KEPT_TURNS);
    memory.write(this.memoryKey, this.conversation);
  }

  /** What this tab asked before a reload; another tab has its own conversation. */
  restore() {
    const kept = memory.read(this.memoryKey);
    if (!kept || !Array.isArray(kept.turns)) return;
    try {
      for (const { question, region, answer } of kept.turns) {
        const turn = new Turn(this, question, region);
        turn.show(answer);
        this.log.append(turn.card);
      }
    } catch {
      return; // kept by another version: what it shows is left, the conversation begins anew
    }
    this.conversation = kept;
    this.anew.hidden = kept.turns.length === 0;
  }

  /** Later questions do not go on with earlier ones, which stay to be read. */
  begin(isAsked) {
    this.conversation = { session: "", region: "", turns: [] };
    memory.write(this.memoryKey, this.conversation);
    this.anew.hidden = true;
    this.log.querySelector(".earlier")?.remove();
    if (this.log.querySelector(".turn")) this.log.append(el("p", "earlier", TEXTS.earlier));
    if (!isAsked) return;
    this.box.value = "";
    this.box.focus();
    this.announce(TEXTS.began_anew);
  }
}

function addStyle(root) {
  if (root.adoptedStyleSheets && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    root.append(el("style", "", STYLE)); // an older browser
  }
}

if (!customElements.get("tiaowen-ask")) customElements.define("tiaowen-ask", TiaowenAsk);

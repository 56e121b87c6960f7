// What talks to the server: JSON, the event stream, the short session that a publish token is exchanged for.

const TIMEOUT_MS = 60000;

/** A failure worded for the asker. */
class Failure extends Error {
  constructor(message, hint = "", kind = "") {
    super(message);
    this.hint = hint;
    this.kind = kind;
  }
}

/** Events of a stream as they come: [name, object]; a comment is a heartbeat and gives none. */
async function* readEvents(body, onSign) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    onSign();
    if (done) return;
    waiting += decoder.decode(value, { stream: true });
    const blocks = waiting.split(/\r?\n\r?\n/);
    waiting = blocks.pop();
    for (const block of blocks) {
      const name = /^event: ?(.*)$/m.exec(block);
      const data = [...block.matchAll(/^data: ?(.*)$/gm)].map((line) => line[1]).join("\n");
      if (name) yield [name[1].trim(), JSON.parse(data)];
    }
  }
}

class Client {
  constructor(base, token) {
    this.base = base;
    this.token = token;
    this.session = null;
  }

  async json(path, body) {
    const deadline = new Deadline();
    try {
      const reply = await this.send(path, body, deadline);
      return await reply.json();
    } catch (error) {
      throw deadline.explain(error);
    } finally {
      deadline.clear();
    }
  }

  /** Ask; hands every event to `onEvent` and returns the whole answer. */
  async ask(question, onEvent, signal) {
    const deadline = new Deadline(signal);
    try {
      const reply = await this.send("/v1/ask/stream", question, deadline);
      for await (const [name, data] of readEvents(reply.body, () => deadline.restart())) {
        if (name === "error") throw new Failure(data.detail, data.hint, data.type);
        if (name === "done") return data;
        onEvent(name, data);
      }
    } catch (error) {
      throw deadline.explain(error);
    } finally {
      deadline.clear();
    }
    throw new Failure(TEXTS.cut, "", "cut");
  }

  async send(path, body, deadline, isSecond = false) {
    const headers = {};
    if (body) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${await this.exchange(deadline)}`;
    const reply = await fetch(this.base + path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      signal: deadline.signal,
      credentials: "omit",
    });
    if (reply.ok) return reply;
    // A session that ended meanwhile is exchanged anew, once.
    if (reply.status === 401 && this.token && !isSecond) {
      this.session = null;
      return this.send(path, body, deadline, true);
    }
    throw await explainReply(reply);
  }

  /** The session that the publish token stands for; the token itself is sent nowhere else. */
  async exchange(deadline) {
    if (this.session && Date.now() < this.session.until) return this.session.token;
    const reply = await fetch(`${this.base}/v1/widget/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: this.token }),
      signal: deadline.signal,
      credentials: "omit",
    });
    if (!reply.ok) throw await explainReply(reply);
    const body = await reply.json();
    this.session = { token: body.session_token, until: Date.now() + (body.expires_in - 30) * 1000 };
    return this.session.token;
  }
}

/** Ends a request that shows no sign of life for a minute, or that the asker stops. */
class Deadline {
  constructor(signal) {
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    this.isStopped = false;
    if (signal) {
      signal.addEventListener("abort", () => {
        this.isStopped = true;
        this.controller.abort();
      });
    }
    this.restart();
  }

  restart() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(), TIMEOUT_MS);
  }

  clear() {
    clearTimeout(this.timer);
  }

  explain(error) {
    const words = TEXTS.failures;
    if (error instanceof Failure) return error;
    if (this.isStopped) return new Failure(TEXTS.stopped, "", "stopped");
    if (this.signal.aborted) return new Failure(words.timeout, words.timeout_hint);
    if (error instanceof SyntaxError) return new Failure(words.incomplete, words.hint);
    if (!navigator.onLine) return new Failure(words.offline, words.offline_hint);
    return new Failure(words.unreachable, words.unreachable_hint);
  }
}

async function explainReply(reply) {
  let body = null;
  try {
    body = await reply.json();
  } catch {
    // A proxy in between answers in its own words, which are not for the asker.
  }
  const words = TEXTS.failures;
  const wait = Number.parseInt(reply.headers.get("Retry-After"), 10);
  const hint = wait > 0 ? fill(words.busy_hint, wait) : body?.hint || words.hint;
  const message = body?.detail || words.statuses[reply.status] || fill(words.server, reply.status);
  return new Failure(message, hint, body?.type);
}

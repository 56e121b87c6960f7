// The page: asks /v1/ask and shows the answer. Everything is put in with textContent; nothing that comes
// from the server or the address bar is ever read as HTML.

import { createCitations, element, linkMarks } from "./citation.js";

const SLOW_MS = 4000;
const TIMEOUT_MS = 60000;
const SAMPLES = [
  ["一个班最多能坐多少人？", "潢川县"],
  ["高职院校一年要完成多少人次培训？", "河南省"],
  ["培训可以请哪些人来当兼职教师？", ""],
  ["“以上”包括本数吗？", ""],
];
const STATUS = {
  answered: "有据可查",
  needs_info: "还需要补充",
  refused: "没有找到依据",
};
const HTTP_HINTS = {
  413: "问题太长了，请缩短后再问。",
  429: "提问太频繁，请过一会儿再试。",
  502: "后台模型暂时不可用，请稍后再试。",
  503: "服务还没有准备好，请稍后再试。",
};

const form = document.getElementById("ask");
const questionBox = document.getElementById("question");
const regionBox = document.getElementById("region");
const submitButton = document.getElementById("submit");
const anewButton = document.getElementById("anew");
const answers = document.getElementById("answers");
const announcer = document.getElementById("announcer");

function announce(text) {
  announcer.textContent = text;
}

/** A failure worded for the asker. */
class Failure extends Error {
  constructor(message, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/** JSON from the API; throws a Failure whatever goes wrong. */
async function request(address, options = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  let reply;
  try {
    reply = await fetch(address, { ...options, signal: controller.signal });
  } catch (error) {
    if (error.name === "AbortError") throw new Failure("等了一分钟还没有回答。", "服务器可能很忙，请稍后再试。");
    if (!navigator.onLine) throw new Failure("网络已断开。", "连上网络后再试。");
    throw new Failure("连不上服务器。", "请检查网络，或确认服务仍在运行。");
  } finally {
    clearTimeout(timer);
  }
  let body = null;
  try {
    body = await reply.json();
  } catch {
    if (reply.ok) throw new Failure("服务器的回答不完整。", "请再试一次。");
  }
  if (reply.ok) return body;
  throw new Failure(
    body?.detail || `服务器出错了（${reply.status}）。`,
    body?.hint || HTTP_HINTS[reply.status] || "请稍后再试。",
  );
}

/** The conversation of this page: its session, and the place it remembers. Another tab has its own. */
const conversation = { session: "", region: "" };

function ask(question, region) {
  const payload = { question };
  if (region) payload.region = region;
  if (conversation.session) payload.session_id = conversation.session;
  return request("/v1/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(payload),
  });
}

// ---- asking ----------------------------------------------------------------------------------------

let isAsking = false;

async function submitQuestion() {
  const question = questionBox.value.trim();
  if (isAsking) return;
  if (!question) {
    announce("请先写下问题。");
    questionBox.focus();
    return;
  }
  const region = regionBox.value;
  // A conversation remembers its place, so only a new one has none.
  if (!region && conversation.region) endConversation();
  rememberInAddress(question, region);
  setAsking(true);
  const card = startCard(question, region);
  answers.prepend(card);
  const slow = setTimeout(() => {
    card.querySelector(".waiting").textContent = "还在查找，请稍候…";
    announce("还在查找，请稍候。");
  }, SLOW_MS);
  announce("正在查找。");
  try {
    const answer = await ask(question, region);
    conversation.session = answer.session_id;
    conversation.region = region;
    anewButton.hidden = false;
    showAnswer(card, answer);
  } catch (error) {
    showFailure(card, error);
  } finally {
    clearTimeout(slow);
    card.removeAttribute("aria-busy");
    setAsking(false);
  }
}

function setAsking(value) {
  isAsking = value;
  submitButton.disabled = value;
  anewButton.disabled = value;
  submitButton.textContent = value ? "查找中…" : "提问";
}

/** Later questions do not go on with earlier ones, which stay to be read below a line. */
function endConversation() {
  conversation.session = "";
  conversation.region = "";
  anewButton.hidden = true;
  answers.querySelector(".earlier")?.remove();
  if (answers.childElementCount) answers.prepend(element("p", "earlier", "以下是先前的对话"));
}

/** The address can be shared: opening it asks the same question. */
function rememberInAddress(question, region) {
  const query = new URLSearchParams({ q: question });
  if (region) query.set("region", region);
  history.replaceState(null, "", `?${query}`);
}

// ---- answers ---------------------------------------------------------------------------------------

function startCard(question, region) {
  const card = element("article", "card answer");
  card.setAttribute("aria-busy", "true");
  const heading = element("h2", "asked", question);
  heading.append(element("span", "asked-region", region || (conversation.session ? "接上文" : "全部地区")));
  card.append(heading, element("p", "waiting", "正在查找…"));
  return card;
}

function showAnswer(card, answer) {
  card.querySelector(".waiting").remove();
  card.classList.add(answer.status);
  card.append(element("p", "badge", STATUS[answer.status] || answer.status));
  const panels = createCitations(answer.citations, request);
  const text = element("div", "text");
  for (const line of answer.text.split(/\n+/)) {
    if (line.trim()) text.append(linkMarks(line, panels));
  }
  card.append(text);
  for (const notice of answer.notices) card.append(element("p", "notice", notice));
  if (answer.citations.length) card.append(panels.list(answer.status === "refused" ? "最接近的条款" : "依据"));
  const meta = `按 ${answer.as_of} 的规定回答${answer.generated ? " · AI 辅助生成" : ""}`;
  card.append(element("p", "meta", meta));
  announce(`${STATUS[answer.status] || ""}：${answer.text.replace(/\[\d+\]/g, "")}`);
}

function showFailure(card, error) {
  const isKnown = error instanceof Failure;
  card.querySelector(".waiting")?.remove();
  card.classList.add("failed");
  card.append(element("p", "badge", "没有成功"));
  card.append(element("p", "", isKnown ? error.message : "页面出错了。"));
  card.append(element("p", "muted", isKnown ? error.hint : "请刷新页面后再试。"));
  const again = element("button", "secondary", "再试一次");
  again.type = "button";
  again.addEventListener("click", () => {
    card.remove();
    submitQuestion();
  });
  card.append(again);
  announce(`没有成功：${isKnown ? error.message : "页面出错了。"}`);
}

// ---- the rest of the page --------------------------------------------------------------------------

function chooseRegion(name) {
  if (name && ![...regionBox.options].some((option) => option.value === name)) {
    regionBox.append(new Option(name, name));
  }
  regionBox.value = name;
}

function showSamples() {
  const samples = document.getElementById("samples");
  for (const [question, region] of SAMPLES) {
    const chip = element("button", "chip", question);
    chip.type = "button";
    if (region) chip.append(element("span", "chip-region", region));
    chip.addEventListener("click", () => {
      if (isAsking) return;
      questionBox.value = question;
      chooseRegion(region);
      submitQuestion();
    });
    samples.append(chip);
  }
}

async function showRegions() {
  const chosen = regionBox.value;
  const { regions } = await request("/v1/regions");
  for (const region of regions) {
    if (![...regionBox.options].some((option) => option.value === region.name)) {
      regionBox.append(new Option(region.name, region.name));
    }
  }
  regionBox.value = chosen;
}

async function showDocuments() {
  const list = document.getElementById("documents");
  try {
    const { documents } = await request("/v1/documents");
    list.replaceChildren(...documents.map(documentItem));
  } catch (error) {
    list.replaceChildren(element("li", "muted", `${error.message}${error.hint || ""}`));
  }
}

function documentItem(row) {
  const item = element("li");
  item.append(element("span", "document-title", `《${row.title.replace(/\s+/g, "").replace(/^《|》$/g, "")}》`));
  const year = row.year || (row.issued || "").slice(0, 4);
  const facts = [row.number, row.region, year ? `${year}年` : ""].filter(Boolean);
  item.append(element("span", "document-facts", facts.join(" · ")));
  return item;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submitQuestion();
});

anewButton.addEventListener("click", () => {
  endConversation();
  questionBox.value = "";
  questionBox.focus();
  announce("新对话开始了。");
});

// Enter asks, unless an input method is still composing (229 is what Safari sends just after it).
questionBox.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submitQuestion();
});

const address = new URLSearchParams(location.search);
chooseRegion((address.get("region") || "").trim());
showSamples();
showRegions().catch(() => announce("地区列表读取失败，仍可提问。"));
showDocuments();
if ((address.get("q") || "").trim()) {
  questionBox.value = address.get("q");
  submitQuestion();
}

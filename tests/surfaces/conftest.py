"""A small corpus written by hand and an assistant that answers from a script, with a history."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from assistant.app import Assistant, IndexInfo
from assistant.app.intake import Intake
from assistant.config import ServerSettings, Settings, data_dir
from assistant.dialogue.search import SearchReading
from assistant.documents.catalog import Corpus, CorpusProblem
from assistant.documents.regions import load_regions
from assistant.models import Answer, Cell, Citation, Clause, Document, Part, Passage, Question
from assistant.store.conversations import Turn
from assistant.store.store import Store
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.staff import sign_in

TODAY = date(2026, 11, 21)
ASKED_AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NEW_SESSION = "s-new"
PLAN = "huangchuan-2021-1"
SOURCE = (
    "潢技领办〔2021〕1号\n\n"
    "二、工作任务\n（四）强化培训管理\n"
    "（1）严格班级管理。要严格控制班级规模，每班人数不得\n超过 80 人，𠮷班不限。\n\n"
    "1\t农村劳动力技能培训\t扶贫办、\n人社局\t4800\n"
)
RULE = "（1）严格班级管理。要严格控制班级规模，每班人数不得\n超过 80 人，𠮷班不限。"
QUOTE = "每班人数不得\n超过 80 人"
ROW = "1\t农村劳动力技能培训\t扶贫办、\n人社局\t4800"


def _span(text: str) -> tuple[int, int]:
    start = SOURCE.index(text)
    return start, start + len(text)


def _cells() -> tuple[Cell, ...]:
    pairs = [("工作任务", "农村劳动力技能培训"), ("牵头单位", "扶贫办、\n人社局"), ("人次", "4800")]
    return tuple(Cell(header, text.replace("\n", ""), *_span(text)) for header, text in pairs)


CLAUSES = (
    Clause(f"{PLAN}#2", PLAN, "2", "二、", "heading", *_span("二、工作任务"), "工作任务", "工作任务"),
    Clause(
        f"{PLAN}#2.4", PLAN, "2.4", "二、（四）", "heading", *_span("（四）强化培训管理"),
        "强化培训管理", "强化培训管理", ("工作任务",), f"{PLAN}#2",
    ),
    Clause(
        f"{PLAN}#2.4.1", PLAN, "2.4.1", "二、（四）（1）", "clause", *_span(RULE),
        RULE.replace("\n", ""), "严格班级管理", ("工作任务", "强化培训管理"), f"{PLAN}#2.4", "plan",
    ),
    Clause(
        f"{PLAN}#a1.r1", PLAN, "a1.r1", "附件1 第1行", "row", *_span(ROW),
        ROW.replace("\n", ""), headings=("任务分解表",), cells=_cells(),
    ),
)  # fmt: skip

DOCUMENT = Document(
    id=PLAN,
    title="关于印发工作方案的通知",
    number="潢技领办〔2021〕1号",
    issuer="潢川县全民技能振兴工程领导小组办公室",
    region="411526",
    source=SOURCE,
    clauses=CLAUSES,
    parts=(Part("plan", "2021 年潢川县 <b>职业技能</b>提升行动工作方案", "", "", date(2021, 4, 7), 14, 60),),
    issued=date(2021, 4, 7),
    year=2021,
)
CODE = Document(
    id="civil-code-counting",
    title="中华人民共和国民法典（节选）",
    number="",
    issuer="全国人民代表大会",
    region="000000",
    source="第二百条　民法所称的期间按照公历年、月、日、小时计算。",
    clauses=(
        Clause(
            "civil-code-counting#200", "civil-code-counting", "200", "第二百条", "clause", 0, 27,
            "第二百条　民法所称的期间按照公历年、月、日、小时计算。",
        ),
    ),
    effective=date(2021, 1, 1),
    only_for=("以上", "期间"),
)  # fmt: skip
PROBLEM = CorpusProblem("documents/broken", "文件损坏，读不出来", "重新保存后再放入")
REGIONS = load_regions(data_dir("corpus") / "regions.yaml")
CORPUS = Corpus((CODE, DOCUMENT), "c0ffee123456", (PROBLEM,))


def build_citation(n: int = 1, quote: str = QUOTE, clause: Clause = CLAUSES[2]) -> Citation:
    start, end = _span(quote)
    return Citation(
        n=n,
        document=PLAN,
        number=DOCUMENT.number,
        title=DOCUMENT.parts[0].title,
        issuer=DOCUMENT.issuer,
        region="潢川县",
        clause=clause.label,
        clause_id=clause.clause_id,
        quote=quote,
        start=start,
        end=end,
        clause_start=clause.start,
        clause_end=clause.end,
    )


def build_answer(text: str = "潢川县（2021年）：每班人数不得超过80人。[1]", **fields: Any) -> Answer:
    given: dict[str, Any] = {
        "id": "a-1",
        "session_id": "",
        "status": "answered",
        "as_of": TODAY,
        "citations": (build_citation(),),
        "decision": None,
        "notices": ("本文件为2021年度方案，请向经办机构确认现行规定。",),
        "corpus_version": CORPUS.version,
        **fields,
    }
    return Answer(text=text, **given)


ROW_ANSWER = build_answer(
    "农村劳动力技能培训：4800人次。[1]\n牵头单位是扶贫办、人社局。[2]",
    citations=(build_citation(1, "4800", CLAUSES[3]), build_citation(2, "扶贫办、\n人社局", CLAUSES[3])),
)
REFUSAL = build_answer(
    "已收录的文件没有规定这件事。最接近的是关于班级规模的条款。[1]", status="refused", notices=()
)
SCRIPT: dict[str, Answer | BaseException] = {
    "一个班最多能坐多少人？": build_answer(),
    "农村劳动力培训多少人次？": ROW_ANSWER,
    "<img src=x onerror=alert(1)>": build_answer("没有 <script>alert(1)</script> 这种规定。[1][9]"),
}


class ScriptedAssistant(Assistant):
    """Answers by question text, refuses what is not in the script; keeps what it was asked."""

    warnings = ("索引的一部分损坏，改用逐条比对；运行 tiaowen index 重建",)
    vector_fault = ""

    def __init__(self, script: dict[str, Answer | BaseException] | None = None) -> None:
        self.settings = Settings()
        self.corpus = CORPUS
        self.regions = REGIONS
        self._intake = Intake(CORPUS, REGIONS, self.settings.max_question)
        self.script = {**SCRIPT, **(script or {})}
        self.questions: list[Question] = []
        self.searches: list[tuple[str, str | None, str | None, int]] = []

    @property
    def is_outdated(self) -> bool:
        return False

    def describe_index(self) -> IndexInfo:
        return IndexInfo("0123456789abcdef", self.corpus_version, "static", 2, 9, 1, 1_700_000_000.0)

    def ask(self, question: Question) -> Answer:
        self.questions.append(question)
        self._intake.check_text(question.text, "问题")
        self._intake.read_region(question.region)
        scripted = self.script.get(question.text, REFUSAL)
        if isinstance(scripted, BaseException):
            raise scripted
        return replace(scripted, session_id=question.session_id or "")

    def search(
        self,
        query: str,
        *,
        region: str | None = None,
        document: str | None = None,
        top_k: int = 10,
    ) -> list[Passage]:
        self.searches.append((query, region, document, top_k))
        self._intake.check_text(query, "检索词")
        self._intake.read_region(region)
        clauses = [clause for clause in CLAUSES if query in clause.text][:top_k]
        return [
            Passage(clause, 1 / rank, rank, {"dense": 0.5, "bm25": 2.25})
            for rank, clause in enumerate(clauses, 1)
        ]

    def read_search(
        self, query: str, *, region: str | None = None, document: str | None = None
    ) -> SearchReading:
        self._intake.check_text(query, "检索词")
        return SearchReading(((query, 2.5),), ("培训班",), (PLAN,), ((f"{PLAN}/class-size", "每班人数"),))


@pytest.fixture(scope="session")
def new_assistant() -> Callable[..., ScriptedAssistant]:
    return ScriptedAssistant


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def client(assistant: ScriptedAssistant) -> Iterator[TestClient]:
    server = ServerSettings(max_body=2048)
    app = create_app(lambda: assistant, server=server, today=lambda: TODAY, new_session=lambda: NEW_SESSION)
    with TestClient(app) as opened:
        yield opened


@contextmanager
def serve_app(app, port: int = 0) -> Iterator[str]:
    """A real server on loopback; gives its address, such as `http://127.0.0.1:40123`."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def serve() -> Callable[..., Any]:
    return serve_app


@pytest.fixture
def port(assistant) -> Iterator[int]:
    """A real server on loopback."""
    with serve_app(create_app(lambda: assistant)) as address:
        yield int(address.rpartition(":")[2])


# ---- keys, tokens and what is kept -------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a folder of its own."""
    with closing(Store(f"sqlite:///{tmp_path / 'tiaowen.db'}")) as opened:
        yield opened


@pytest.fixture
def keeping(store: Store) -> ScriptedAssistant:
    """The scripted assistant, which keeps its answers as the real one does."""

    class Keeping(ScriptedAssistant):
        @property
        def store(self) -> Store:
            return store

        def ask(self, question: Question) -> Answer:
            answer = super().ask(question)
            turn = Turn(question.text, answer.id, answer.status, "{}", ASKED_AT)
            store.conversations.append(question.session_id or "", turn, answer)
            return answer

    return Keeping()


@pytest.fixture
def access(store: Store) -> Access:
    """Keys and tokens of `store`, signed with its own secret; nothing is counted."""
    return Access(lambda: store.registry)


# ---- pages over the shipped corpus -------------------------------------------------------------------

SECRET = "a secret of the tests"


@pytest.fixture(scope="session")
def real_app(real_assistant):
    """The application over the shipped corpus, read on `TODAY`."""
    return create_app(lambda: real_assistant, today=lambda: TODAY, secret=SECRET)


@pytest.fixture
def page_client(real_app) -> Iterator[TestClient]:
    """Somebody from the public, with a browser's Accept header."""
    with TestClient(real_app, headers={"accept": "text/html"}) as opened:
        yield opened


@pytest.fixture
def staff_client(real_app) -> Iterator[TestClient]:
    """Somebody of the staff, signed in."""
    cookies = {sign_in.COOKIE: sign_in.sign_cookie(SECRET, "test")}
    with TestClient(real_app, headers={"accept": "text/html"}, cookies=cookies) as opened:
        yield opened


# ---- Chromium ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; tests that use it carry the mark `browser`.

    Not for the whole run: while it is open an event loop runs in this thread, which tests with loops of their own
    could not stand.
    """
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("needs Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """Finds accessibility violations of a page, shadow roots included; each as `rule: selectors`."""
    from axe_playwright_python.sync_playwright import Axe

    def find_violations(page) -> list[str]:
        # The page's own policy forbids to add scripts, so axe is evaluated, which no policy reaches.
        results = Axe().run(page)
        return [
            f"{found['id']}: {[node['target'] for node in found['nodes']]}"
            for found in results.response["violations"]
        ]

    return find_violations


def read_stream(text: str) -> list[tuple[str, Any]]:
    """Name and object of every event; a comment is an event called `:`. Anything else is an error."""
    events: list[tuple[str, Any]] = []
    *blocks, rest = text.split("\n\n")
    assert rest == ""
    for block in blocks:
        if block.startswith(": "):
            events.append((":", block[2:]))
            continue
        name, data = block.split("\n")
        assert (name[:7], data[:6]) == ("event: ", "data: ")
        events.append((name[7:], json.loads(data[6:])))
    return events


@pytest.fixture(scope="session")
def read_events() -> Callable[[str], list[tuple[str, Any]]]:
    return read_stream


@pytest.fixture(scope="session")
def answer_builder() -> Callable[..., Answer]:
    return build_answer


@pytest.fixture(scope="session")
def citation_builder() -> Callable[..., Citation]:
    return build_citation

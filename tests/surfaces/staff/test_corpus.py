"""Documents on the staff desk: uploaded, previewed, confirmed, updated, retired, brought back; while questions are answered."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi.testclient import TestClient

from assistant.documents.switch import hold_changes
from assistant.documents.versions import list_changes
from assistant.store.store import find_store
from assistant.surfaces import startup
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.edge import CORPUS_UPLOAD
from assistant.surfaces.staff.corpus_jobs import KEPT_SECONDS, State, clear_aside, find_aside, is_silent
from assistant.surfaces.staff.sign_in import COOKIE, sign_cookie
from assistant.surfaces.startup import AssistantHolder
from tests.documents.test_read_pdf import SCAN, make_pdf
from tests.surfaces.conftest import serve_app
from tests.upkeep.conftest import NEW_TEXT, PLAN, TEXT, _one_segmenter, _small, describe_tree, own

__all__ = ["_one_segmenter", "_small", "own"]  # fixtures

CORPUS = "/staff/corpus"
NEW = "shangcheng-2025-7"
SIXTY = TEXT.replace("不得超过80人", "不得超过60人")
TODAY = date(2025, 6, 1)
PAGE = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch):
    monkeypatch.setattr(startup, "RELOAD_SECONDS", 0.0)


@pytest.fixture
def access(own):
    return Access(lambda: find_store(own.store.url).registry)


@pytest.fixture
def app(own, access):
    return create_app(AssistantHolder(own), today=lambda: TODAY, access=access)


@pytest.fixture
def desk(app, access):
    cookies = {COOKIE: sign_cookie(access.secret, "培训科")}
    with TestClient(app, headers=PAGE, cookies=cookies) as opened:
        yield opened


def upload(desk, text: str | bytes = NEW_TEXT, name: str = "方案.txt", document: str = ""):
    data = text.encode() if isinstance(text, str) else text
    return desk.post(f"{CORPUS}/upload", data={"document": document}, files={"file": (name, data)})


def fields_of(page: str) -> dict[str, str]:
    """The form as a browser would send it, but for the button."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        is_box = 'type="checkbox"' in tag
        if name and 'type="file"' not in tag and (not is_box or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    return found


def decide(desk, reply, deed: str, **changes: str):
    return desk.post(str(reply.url), data={**fields_of(reply.text), "deed": deed, **changes})


def wait(desk, reply) -> str:
    """The page of a work once it has ended."""
    deadline = time.monotonic() + 60
    while "正在处理" in (page := desk.get(str(reply.url)).text):
        assert 'http-equiv="refresh"' in page
        assert time.monotonic() < deadline, page
        time.sleep(0.05)
    return page


def change_document(desk, document: str, deed: str, **fields: str):
    return desk.post(f"{CORPUS}/documents/{document}/{deed}", data={"checked": "yes", **fields})


def ask(desk, place: str = "商城县"):
    return desk.post("/v1/ask", json={"question": "每班人数最多多少人？", "region": place}).json()


def test_a_document_is_uploaded_previewed_and_taken_in(desk, own):
    assert ask(desk)["status"] == "refused"
    preview = upload(desk)
    assert (preview.status_code, preview.headers["cache-control"]) == (200, "no-store")
    for words in (
        "商城县2025年职业技能培训实施方案",
        "第 3 行：商政办〔2025〕7号",
        "（一）严格班级管理",
        "条款（8）",
    ):
        assert words in preview.text
    assert not (own.corpus_dir / "documents" / NEW).exists()
    page = wait(desk, decide(desk, preview, "confirm", checked="yes", why="新方案"))
    assert "加入《商城县2025年职业技能培训实施方案》" in page
    assert 'http-equiv="refresh"' not in page
    answer = ask(desk)
    assert (answer["status"], answer["citations"][0]["clause_id"]) == ("answered", f"{NEW}#2.1")
    (change,) = list_changes(own.corpus_dir)
    assert (change.who, change.why) == ("培训科", "新方案")
    deed = find_store(own.store.url).registry.deeds()[0]
    assert (deed.who, deed.action) == ("培训科", "corpus-add")
    listed = desk.get(CORPUS).text
    assert NEW in listed
    assert "还没有进入索引" not in listed


def test_nothing_is_taken_in_unless_it_is_confirmed(desk, own):
    before = describe_tree(own.corpus_dir / "documents")
    preview = upload(desk)
    reply = decide(desk, preview, "confirm")
    assert reply.status_code == 422
    assert "没有勾选" in reply.text
    gone = decide(desk, preview, "discard")
    assert str(gone.url).endswith(CORPUS)
    assert desk.get(str(preview.url)).status_code == 404
    assert describe_tree(own.corpus_dir / "documents") == before


def test_what_the_text_does_not_tell_is_asked_for_and_kept(desk, own):
    preview = upload(desk, "一、每班人数不得超过45人。\n\n二、总课时不少于50课时。\n")
    assert "（待填）" in preview.text
    early = decide(desk, preview, "confirm", checked="yes")
    assert early.status_code == 422
    assert "还缺：标题、发文机关、地区、成文日期" in early.text
    half = decide(desk, preview, "preview", title="固始县培训通知", region="固始")
    assert half.status_code == 200
    assert 'value="固始县培训通知"' in half.text
    wrong = decide(desk, half, "preview", issuer="固始县人社局", issued="去年")
    assert wrong.status_code == 422
    assert "不是日期：去年" in wrong.text
    assert 'value="去年"' in wrong.text
    whole = decide(
        desk,
        wrong,
        "preview",
        issuer="固始县人社局",
        issued="2025年1月2日",
        id="gushi-1",
        title="固始县培训通知",
        region="固始",
    )
    page = wait(desk, decide(desk, whole, "confirm", checked="yes"))
    assert "完成" in page
    meta = (own.corpus_dir / "documents" / "gushi-1" / "document.yaml").read_text(encoding="utf-8")
    assert meta == 'title: 固始县培训通知\nissuer: 固始县人社局\nregion: "411525"\nissued: 2025-01-02\n'


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "不支持的文件格式"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "另存为 .docx"),
        ("a.txt", b"", "文件是空的"),
        ("a.docx", b"PK\x03\x04", "a.docx"),
        ("a.txt", b"\x00\x01\xff\xfe", "不是可识别编码"),
        ("scan.pdf", make_pdf(SCAN), "扫描"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing(desk, own, name, content, words):
    reply = upload(desk, content, name)
    assert reply.status_code == 422
    assert words in reply.text.replace("source.", "a.")
    aside = own.corpus_dir / "history" / ".uploads"
    assert not aside.exists() or list(aside.iterdir()) == []


def test_a_file_that_is_too_large_is_refused_with_the_way_around(desk):
    reply = upload(desk, b"x" * (CORPUS_UPLOAD + 1))
    assert reply.status_code == 413
    assert "tiaowen corpus add" in reply.text


def test_hostile_texts_are_inert(desk):
    text = NEW_TEXT.replace("资金专款专用", "<script>alert(1)</script>资金{{ 7*7 }}专款专用")
    page = upload(desk, text, "<img src=x onerror=alert(1)>.txt").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}" in page


def test_an_update_shows_what_changes_and_takes_over_what_is_ticked(desk, own):
    preview = upload(desk, SIXTY, "新文本.txt", PLAN)
    for words in (
        "<del>80</del><ins>60</ins>",
        "采用 80人 → 60人",
        "停用待核对（1 处）",
        "结果会变的例子（2 个）",
    ):
        assert words in preview.text
    ticked = decide(desk, preview, "preview", accept="max_class_size")
    assert "停用待核对" not in ticked.text
    assert "结果会变的例子（1 个）" in ticked.text
    page = wait(desk, decide(desk, ticked, "confirm", checked="yes"))
    assert "每班人数上限 80人→60人" in page
    shown = desk.get(f"{CORPUS}/documents/{PLAN}").text
    assert "第 2 版" in shown
    assert "<del>80</del><ins>60</ins>" in desk.get(f"{CORPUS}/documents/{PLAN}/diff?version=1").text
    assert "60人" in ask(desk, "光山县")["text"]


def test_a_new_file_that_is_known_becomes_an_update(desk):
    preview = upload(desk, SIXTY)
    assert f"作为 {PLAN} 的更新" in preview.text
    update = decide(desk, preview, "as_update")
    assert "<del>80</del><ins>60</ins>" in update.text


def test_rules_held_back_are_confirmed_on_the_page(desk):
    reworded = TEXT.replace("培训班每班人数不得超过80人。", "除疫情期间外，培训班每班人数不得超过80人。")
    wait(desk, decide(desk, upload(desk, reworded, "x.txt", PLAN), "confirm", checked="yes"))
    page = desk.get(f"{CORPUS}/documents/{PLAN}").text
    assert "待核对的规则引文" in page
    assert "引文还在" in page
    wait(desk, change_document(desk, PLAN, "confirm"))
    assert "待核对的规则引文" not in desk.get(f"{CORPUS}/documents/{PLAN}").text


def test_a_document_is_retired_restored_and_reverted(desk, own):
    wait(desk, change_document(desk, PLAN, "retire", on="2025-05-01", why="到期"))
    assert ask(desk, "光山县")["status"] == "refused"
    assert "已停用" in desk.get(CORPUS).text
    wait(desk, change_document(desk, PLAN, "restore"))
    assert ask(desk, "光山县")["status"] == "answered"
    wait(desk, change_document(desk, PLAN, "revert", version="2"))
    assert ask(desk, "光山县")["status"] == "refused"
    assert [c.action for c in list_changes(own.corpus_dir)] == ["retire", "restore", "revert"]
    page = desk.get(f"{CORPUS}/documents/{PLAN}").text
    for words in ("第 4 版", "收录时的版本", "到期", "恢复成第 1 版", "培训科"):
        assert words in page


@pytest.mark.parametrize(
    ("path", "fields", "status", "words"),
    [
        (f"{PLAN}/retire", {}, 422, "没有勾选"),
        (f"{PLAN}/retire", {"checked": "yes", "on": "明天"}, 422, "日期"),
        (f"{PLAN}/retire", {"checked": "yes", "replaced_by": "no-such"}, 422, "没有编号为"),
        (f"{PLAN}/restore", {"checked": "yes"}, 422, "没有停用"),
        (f"{PLAN}/revert", {"checked": "yes", "version": "7"}, 422, "没有第 7 版"),
        (f"{PLAN}/revert", {"checked": "yes", "version": "x"}, 422, "没有第 0 版"),
        (f"{PLAN}/remove", {"checked": "yes"}, 422, "最后一个文件"),
        (f"{PLAN}/confirm", {"checked": "yes"}, 422, "没有待核对的规则"),
        (f"{PLAN}/explode", {"checked": "yes"}, 404, "没有这种操作"),
        ("no-such/retire", {"checked": "yes"}, 404, "no-such"),
    ],
)
def test_what_cannot_be_done_is_told(desk, own, path, fields, status, words):
    reply = desk.post(f"{CORPUS}/documents/{path}", data=fields)
    assert (reply.status_code, words in reply.text) == (status, True)
    assert list_changes(own.corpus_dir) == ()


@pytest.mark.parametrize(
    "address",
    [CORPUS, f"{CORPUS}/documents/{PLAN}", f"{CORPUS}/drafts/{'a' * 24}", f"{CORPUS}/work/{'a' * 24}"],
)
def test_only_staff_sees_it(app, address):
    with TestClient(app, headers=PAGE, follow_redirects=False) as visitor:
        assert visitor.get(address).status_code == 303
        assert visitor.post(f"{CORPUS}/upload", files={"file": ("a.txt", b"x")}).status_code == 303
        assert visitor.post(f"{CORPUS}/documents/{PLAN}/retire", data={"checked": "yes"}).status_code == 303


def test_another_site_changes_nothing(desk, own):
    preview = upload(desk)
    stranger = {"origin": "https://evil.example"}
    form = {**fields_of(preview.text), "deed": "confirm", "checked": "yes"}
    for address in (str(preview.url), f"{CORPUS}/documents/{PLAN}/retire", f"{CORPUS}/rebuild"):
        assert desk.post(address, data=form, headers=stranger).status_code == 403
    assert list_changes(own.corpus_dir) == ()


@pytest.mark.parametrize("token", ["x", "..%2f..%2fdocuments", "a" * 24, "%00" * 24])
def test_a_token_that_is_none_finds_nothing(desk, token):
    assert desk.get(f"{CORPUS}/drafts/{token}").status_code == 404


def test_a_change_that_fails_says_so_and_may_be_tried_again(desk, own):
    preview = upload(desk)
    with hold_changes(own.corpus_dir):
        reply = decide(desk, preview, "confirm", checked="yes")
        # The first of two keeps the folders that are being prepared to itself.
        page = wait(desk, reply)
    assert "另一个人正在修改文件库" in page
    again = desk.post(f"{reply.url}/again")
    assert "我已核对以上内容" in again.text
    assert "完成" in wait(desk, decide(desk, again, "confirm", checked="yes"))


def test_a_change_by_hand_is_told_and_indexed(desk, own):
    source = own.corpus_dir / "documents" / PLAN / "source.txt"
    source.write_text(SIXTY, encoding="utf-8")
    assert "还没有进入索引" in desk.get(CORPUS).text
    assert "索引已更新" in wait(desk, desk.post(f"{CORPUS}/rebuild"))
    assert "还没有进入索引" not in desk.get(CORPUS).text


def test_uploads_are_cleared_away_after_a_day(desk, own):
    token = str(upload(desk).url).rpartition("/")[2]
    folder = find_aside(own, token).folder
    now = datetime.now(UTC)
    clear_aside(own, now)
    assert folder.is_dir()
    old = time.time() - KEPT_SECONDS - 1
    os.utime(folder, (old, old))
    clear_aside(own, now)
    assert not folder.exists()


def test_a_work_that_has_fallen_silent_is_told(desk, own):
    preview = upload(desk)
    aside = find_aside(own, str(preview.url).rpartition("/")[2])
    long_ago = State(document=NEW, stage="embed", at=datetime(2025, 1, 1, tzinfo=UTC))
    aside.write_state(long_ago)
    assert is_silent(long_ago, datetime.now(UTC))
    page = desk.get(str(preview.url)).text
    assert "处理中断了" in page
    assert 'http-equiv="refresh"' not in page


class Asker(threading.Thread):
    """Asks the same question without pause and keeps what it is told."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._is_over = threading.Event()
        self.answers: list[dict[str, object]] = []
        self.statuses: set[int] = set()

    def run(self) -> None:
        body = {"question": "每班人数最多多少人？", "region": "光山县"}
        with httpx.Client(base_url=self._address, timeout=30) as client:
            while not self._is_over.is_set():
                reply = client.post("/v1/ask", json=body)
                self.statuses.add(reply.status_code)
                self.answers.append(reply.json())

    def has_heard(self, words: str) -> bool:
        """Whether the last answer says so."""
        return bool(self.answers) and words in str(self.answers[-1]["text"])

    def finish(self) -> None:
        self._is_over.set()
        self.join()


def test_questions_are_answered_through_a_change_each_from_one_version(app, desk, own):
    with serve_app(app) as address:
        askers = [Asker(address) for _ in range(2)]
        for asker in askers:
            asker.start()
        try:
            preview = upload(desk, SIXTY, "x.txt", PLAN)
            wait(desk, decide(desk, preview, "confirm", checked="yes", accept="max_class_size"))
            deadline = time.monotonic() + 20
            while not askers[0].has_heard("60人") and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            for asker in askers:
                asker.finish()
    assert {status for asker in askers for status in asker.statuses} == {200}
    told = {
        (answer["corpus_version"], "80人" in answer["text"], "60人" in answer["text"])
        for asker in askers
        for answer in asker.answers
    }
    assert sorted(pair[1:] for pair in told) == [(False, True), (True, False)]
    assert len({pair[0] for pair in told}) == 2


@pytest.mark.browser
def test_the_pages_read_well_in_a_browser_and_need_no_script(app, access, own, browser, axe, tmp_path):
    path = tmp_path / "方案.txt"
    path.write_text(SIXTY, encoding="utf-8")
    with serve_app(app) as address:
        context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
        cookie = {"name": COOKIE, "value": sign_cookie(access.secret, "培训科"), "url": f"{address}/staff"}
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(20_000)

        def check() -> None:
            assert page.locator("script").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert axe(page) == []

        page.goto(CORPUS)
        check()
        page.get_by_label("选择文件").set_input_files(path)
        page.get_by_role("button", name="上传并预览").click()
        check()
        page.get_by_role("button", name=f"作为 {PLAN} 的更新").click()
        check()
        page.get_by_label("采用 80人 → 60人").check()
        page.get_by_label("我已核对以上内容").check()
        page.get_by_role("button", name="确认更新").click()
        page.get_by_role("heading", name="完成").wait_for(timeout=60_000)
        check()
        page.get_by_role("link", name="看这个文件").click()
        check()
        context.close()

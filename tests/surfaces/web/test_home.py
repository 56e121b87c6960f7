"""The home page, the answer page and the static files, over HTTP."""

from __future__ import annotations

import base64
import gzip
import hashlib
from datetime import date

import pytest
from fastapi.testclient import TestClient

from assistant.surfaces.api import create_app
from assistant.surfaces.web.assets import asset_address, load_assets
from assistant.surfaces.web.home import find_year, split_marks
from assistant.surfaces.web.samples import load_samples

LIMIT = 12_000
QUESTION = "一个班最多能坐多少人？"
HOSTILE = "<img src=x onerror=alert(1)>"


def test_home_says_what_is_covered_and_what_can_be_asked(page_client, real_assistant):
    text = page_client.get("/").text
    for document in real_assistant.corpus.documents:
        assert f'href="/documents/{document.id}"' in text
        assert document.number in text
    assert "共 6 个文件，涉及全国、河北省、河南省、潢川县；文件的年份是 2019、2020、2021。" in text
    for group in load_samples(real_assistant.settings.corpus_dir):
        assert group.who in text
        assert all(sample.question in text for sample in group.questions)


def test_sample_questions_are_answered(real_assistant, page_client):
    groups = load_samples(real_assistant.settings.corpus_dir)
    for sample in [sample for group in groups for sample in group.questions]:
        page = page_client.get("/ask", params={"q": sample.question, "region": sample.region}).text
        assert "有据可查" in page, sample


def test_a_broken_file_of_samples_leaves_the_page(new_assistant, tmp_path):
    assistant = new_assistant()
    (tmp_path / "samples.yaml").write_text("- {who: 甲, question: 乙}", encoding="utf-8")
    assistant.settings = assistant.settings.model_copy(update={"corpus_dir": tmp_path})
    with TestClient(create_app(lambda: assistant)) as client:
        text = client.get("/").text
    assert "示例问题读不出来" in text
    assert "samples-title" not in text
    (tmp_path / "samples.yaml").unlink()
    assert load_samples(tmp_path) == ()


def test_answer_page_works_without_javascript(page_client):
    reply = page_client.get("/ask", params={"q": QUESTION, "region": "潢川县"})
    assert reply.status_code == 200
    assert "每班人数不得超过80人" in reply.text
    assert 'href="#cite-1"' in reply.text
    assert "/documents/huangchuan-2021-1?mark=" in reply.text
    assert "#c-2.4.21.1" in reply.text
    assert '<form class="card" action="/ask" method="get">' in reply.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"q": ""}, "问题是空的"),
        ({"q": "班" * 3000}, "超过上限"),
        ({"q": QUESTION, "region": "火星"}, "不认识的地区：火星"),
    ],
    ids=["blank", "long", "unknown region"],
)
def test_answer_page_explains_what_is_wrong(page_client, query, words):
    reply = page_client.get("/ask", params=query)
    assert reply.status_code == 422
    assert words in reply.text


def test_hostile_text_is_shown_as_text(page_client):
    text = page_client.get("/ask", params={"q": HOSTILE, "region": '"><script>alert(1)</script>'}).text
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "&lt;img" in text or "不认识的地区" in text


def test_marks_and_text_put_together_are_the_line():
    line = "甲[1]乙[12][3]。"
    pieces = split_marks(line)
    assert "".join(piece.text or f"[{piece.n}]" for piece in pieces) == line
    assert [piece.n for piece in pieces if piece.n] == [1, 12, 3]


@pytest.mark.parametrize(
    ("year", "issued", "number", "found"),
    [
        (2021, "2020-01-01", "某办〔2019〕5号", "2021"),
        (None, "2020-01-01", "某办〔2019〕5号", "2020"),
        (None, None, "某办〔2019〕5号", "2019"),
        (None, None, "", ""),
    ],
    ids=["declared", "dated", "numbered", "none"],
)
def test_year_of_a_document(year, issued, number, found):
    row = {"year": year, "issued": issued, "effective": None, "number": number}
    assert find_year(row) == found


# ---- static files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(load_assets()))
def test_static_files_are_kept_by_their_hash(page_client, name):
    asset = load_assets()[name]
    reply = page_client.get(asset.address)
    assert reply.content == asset.body
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == asset.media_type
    plain = "/widget.js" if name == "widget.js" else f"/static/{name}"
    first = page_client.get(plain)
    assert first.headers["cache-control"] == "no-cache"
    again = page_client.get(plain, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert asset.integrity == "sha384-" + base64.b64encode(hashlib.sha384(reply.content).digest()).decode()


@pytest.mark.parametrize(
    "address",
    [
        "/static/none.css",
        "/static/page.0000000000000000.css",
        "/widget.0000000000000000.js",
        "/static/..%2fhome.py",
    ],
)
def test_files_that_are_not_there(page_client, address):
    assert page_client.get(address).status_code == 404


def test_other_sites_may_load_the_widget_and_nothing_else(page_client):
    reply = page_client.get(asset_address("widget.js"))
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in page_client.get(asset_address("page.css")).headers


def test_the_widget_is_small_and_whole():
    body = load_assets()["widget.js"].body
    assert len(gzip.compress(body)) <= LIMIT
    assert b"__" not in body.replace(b"__proto__", b"")
    for word in (
        b"innerHTML",
        b"outerHTML",
        b"insertAdjacentHTML",
        b"document.write",
        b"eval(",
        b"http://",
        b"https://",
    ):
        assert word not in body, word


def test_pages_carry_the_policy(page_client):
    policy = page_client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


def test_today_is_the_servers(real_assistant):
    app = create_app(lambda: real_assistant, today=lambda: date(2021, 12, 31))
    with TestClient(app) as client:
        assert (
            "按 2021-12-31 的规定回答" in client.get("/ask", params={"q": QUESTION, "region": "潢川县"}).text
        )

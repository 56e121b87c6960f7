"""The pages of the reader over HTTP: documents, one document, search, rules, conflicts; bad input and hostile text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from assistant.documents.catalog import Corpus
from assistant.models import Clause, Document
from assistant.rules.build import build_book
from assistant.rules.decide import Calculator
from assistant.rules.load import RuleSource
from assistant.surfaces import schema_rules
from assistant.surfaces.api import create_app
from assistant.surfaces.web.reader import list_notices

PLAN = "huangchuan-2021-1"
QUOTE = "每班人数不得超过80人"
HOSTILE = "<script>alert(1)</script>"


def strip(html: str) -> str:
    """The words of a page."""
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)))


def find_marked(html: str) -> str:
    return "".join(strip(text) for text in re.findall(r"<mark[^>]*>(.*?)</mark>", html))


@pytest.fixture
def open_corpus(new_assistant):
    """Opens the pages over documents written in a test, which have no rules."""

    def open_(*documents: Document) -> TestClient:
        assistant = new_assistant()
        corpus = Corpus(documents or assistant.corpus.documents, "c0ffee")
        assistant.corpus = corpus
        assistant.calculator = Calculator(build_book(RuleSource({}, {}, {}), corpus.documents))
        return TestClient(create_app(lambda: assistant), headers={"accept": "text/html"})

    return open_


# ---- all documents -----------------------------------------------------------------------------------


def test_documents_say_what_they_are_and_when_they_hold(page_client, real_assistant):
    text = strip(page_client.get("/documents").text)
    for document in real_assistant.corpus.documents:
        assert document.title in text
        assert document.number in text
        assert f"{len(document.clauses)} 个条款" in text
    assert text.count("本文件只针对 2021 年，该年已经过去") == 2
    assert "施行日期 2021-01-01" in text


@pytest.mark.parametrize(
    ("region", "n_documents"),
    [("潢川县", 5), ("411526", 5), ("信阳市", 4), ("河南省", 4), ("河北省", 3), ("全国", 2), ("", 6)],
)
def test_a_region_shows_what_binds_it(page_client, region, n_documents):
    reply = page_client.get("/documents", params={"region": region})
    assert reply.status_code == 200
    assert reply.text.count('class="card document-card"') == n_documents


def test_an_unknown_region_is_told_in_place(page_client):
    reply = page_client.get("/documents", params={"region": "火星"})
    assert reply.status_code == 422
    assert "不认识的地区：火星" in reply.text
    assert "<option selected>火星</option>" in reply.text
    assert 'class="card document-card"' not in reply.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"year": 2021}, ["只针对 2021 年"]),
        ({"year": 2022}, []),
        ({"expires": date(2022, 6, 1)}, ["已于 2022-06-01 之后失效"]),
        ({"expires": date(2022, 6, 2)}, []),  # its last day in force
        ({"effective": date(2022, 6, 3)}, ["自 2022-06-03 起施行"]),
        ({"effective": date(2022, 6, 2)}, []),
        ({"year": 2021, "expires": date(2021, 12, 31)}, ["已于 2021-12-31", "只针对 2021 年"]),
    ],
)
def test_notices_tell_of_time(fields, words):
    document = replace(Document("d", "题", "", "", "000000", "甲", ()), **fields)
    notices = list_notices(document, date(2022, 6, 2))
    assert len(notices) == len(words)
    assert all(word in notice for word, notice in zip(words, notices, strict=True))


# ---- one document ------------------------------------------------------------------------------------


def test_a_document_has_its_clauses_tables_and_contents(page_client):
    html = page_client.get(f"/documents/{PLAN}").text
    assert 'id="c-2.4.21.1"' in html
    assert '<a class="permalink" href="#c-2.4.21.1" aria-label="二、（四）21.（1） 的链接">' in html
    assert '<tr id="c-a1.r10">' in html
    assert '<th scope="col">牵头单位' in html
    assert 'rowspan="6">开班申请' in html
    assert '<a href="#c-2.4.21">' in html
    assert "本文件只针对 2021 年" in html
    assert "<mark" not in html
    text = strip(html)
    assert "潢技领办〔2021〕1号" in text
    assert QUOTE in text


def test_rules_stand_beside_their_clause(page_client):
    html = page_client.get(f"/documents/{PLAN}").text
    clause = html.partition('id="c-2.4.21.1"')[2].partition("</section>")[0]
    text = strip(clause)
    assert "每班人数上限 不超过80人" in text
    assert "师生比上限 不超过1:20" in text
    assert 'href="/rules/huangchuan-2021-1/max_class_size"' in clause
    assert "补贴性培训班是否符合要求" in text
    assert 'href="/conflicts#huangchuan-2021-1--minutes-per-hour-scope"' in clause
    other = page_client.get("/documents/henan-moe-2021-2").text
    assert "鼓励达到的年培训人次对在校生数的倍数 不低于2倍 鼓励" in strip(other)
    assert "20个左右" in strip(other)


def test_every_rule_is_found_at_a_clause_it_quotes(page_client, real_assistant):
    book = real_assistant.calculator.book
    pages = {d.id: page_client.get(f"/documents/{d.id}").text for d in real_assistant.corpus.documents}
    for key, rule in schema_rules.all_rules(book).items():
        anchor = f'/conflicts#{key.replace("/", "--")}"' if key in book.conflicts else f'/rules/{key}"'
        for cite in schema_rules.collect_cites(book, rule):
            assert f'href="{anchor}' in pages[cite.document], (key, cite)


def test_the_quoted_words_are_marked(page_client, real_assistant):
    (cite,) = real_assistant.calculator.book.parameters[f"{PLAN}/max_class_size"].values[0].cites
    html = page_client.get(f"/documents/{PLAN}", params={"mark": f"{cite.start}-{cite.end}"}).text
    assert find_marked(html) == QUOTE
    assert '<mark id="c-2.4.21.1">' in html
    assert html.count('id="c-2.4.21.1"') == 1
    assert '<section class="clause clause cited">' in html


def test_every_quote_of_every_rule_is_marked_where_it_stands(page_client, real_assistant):
    book = real_assistant.calculator.book
    for parameter in list(book.parameters.values())[::9]:
        for cite in parameter.values[0].cites:
            source = book.documents[cite.document].source
            html = page_client.get(f"/documents/{cite.document}?mark={cite.start}-{cite.end}").text
            shown, wanted = ("".join(t.split()) for t in (find_marked(html), source[cite.start : cite.end]))
            assert shown == wanted.replace("\t", "")


@pytest.mark.parametrize("mark", ["0-999999", "9-3", "-1", "abc", "1-2-3", '"><script>', "5-5", "一-二"])
def test_a_bad_mark_is_left_out(page_client, mark):
    reply = page_client.get(f"/documents/{PLAN}", params={"mark": mark})
    assert reply.status_code == 200
    assert "<mark" not in reply.text


def test_an_unknown_document_is_a_page_of_its_own(page_client):
    reply = page_client.get("/documents/none-2099-1")
    assert reply.status_code == 404
    assert "没有这个文件：none-2099-1" in reply.text
    assert page_client.get("/documents/none", headers={"accept": "*/*"}).json()["status"] == 404


@pytest.mark.parametrize("clause_id", [f"{PLAN}/2.4.21.1", f"{PLAN}%232.4.21.1"])
def test_a_clause_leads_to_its_place(page_client, clause_id):
    reply = page_client.get(f"/clauses/{clause_id}", follow_redirects=False)
    assert reply.status_code == 307
    assert reply.headers["location"] == f"/documents/{PLAN}#c-2.4.21.1"


def test_an_unknown_clause_is_told(page_client):
    assert page_client.get(f"/clauses/{PLAN}/9.9").status_code == 404
    assert page_client.get("/clauses/none/1").status_code == 404


# ---- search ------------------------------------------------------------------------------------------


def test_search_shows_ranked_clauses_with_the_words_marked(page_client):
    html = page_client.get("/documents/search", params={"q": "每班人数"}).text
    hits = re.findall(r'<li class="hit">(.*?)</li>', html, flags=re.DOTALL)
    assert len(hits) == 10
    assert f'<a href="/documents/{PLAN}#c-2.4.21.1">二、（四）21.（1）</a>' in hits[0]
    assert "<mark>每班人数</mark>" in hits[0]
    assert "狠抓全过程监管，全面推进职业培训提质增效 › 强化质量管控" in strip(hits[0])
    assert 'value="每班人数"' in html


def test_search_keeps_to_region_and_document(page_client, real_assistant):
    regions = {d.id: d.region for d in real_assistant.corpus.documents}
    html = page_client.get("/documents/search", params={"q": "培训", "region": "河北省"}).text
    found = set(re.findall(r'<a href="/documents/([^#"]+)#', html))
    assert found
    assert {regions[id_] for id_ in found} <= {"000000", "130000"}
    html = page_client.get("/documents/search", params={"q": "培训", "document": "moe-2019-5"}).text
    assert set(re.findall(r'<a href="/documents/([^#"]+)#', html)) == {"moe-2019-5"}


def test_a_row_is_found_with_its_headers(page_client):
    text = strip(page_client.get("/documents/search", params={"q": "退役军人技能培训 牵头单位"}).text)
    assert "牵头单位：退役军人事务局；职业技能培训（人次）：200" in text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({}, 200, "写下要找的词"),
        ({"q": "  "}, 200, "写下要找的词"),
        ({"q": "每班", "region": "火星"}, 422, "不认识的地区：火星"),
        ({"q": "每班", "document": "none"}, 404, "没有这个文件：none"),
        ({"q": "班" * 3000}, 422, "超过上限"),
        ({"q": "。。。"}, 422, "检索词里没有文字"),
    ],
    ids=["nothing", "blank", "region", "document", "long", "no words"],
)
def test_search_explains_what_is_wrong_in_place(page_client, query, status, words):
    reply = page_client.get("/documents/search", params=query)
    assert reply.status_code == status
    assert words in reply.text
    assert 'action="/documents/search"' in reply.text


def test_nothing_found_is_told(open_corpus):
    with open_corpus() as client:
        reply = client.get("/documents/search", params={"q": "海洋"})
    assert reply.status_code == 200
    assert "没有找到相关的条款" in reply.text


# ---- rules and conflicts -----------------------------------------------------------------------------


def test_every_rule_has_a_page(page_client, real_assistant):
    book = real_assistant.calculator.book
    for key, rule in [*book.rules.items(), *book.parameters.items()]:
        reply = page_client.get(f"/rules/{key}")
        assert reply.status_code == 200, key
        text = strip(reply.text)
        assert rule.label in text
        assert book.documents[rule.document].number in text
        for cite in schema_rules.collect_cites(book, rule):
            assert f"?mark={cite.start}-{cite.end}#c-" in reply.text, key


def test_a_verdict_in_plain_words(page_client):
    text = strip(page_client.get(f"/rules/{PLAN}/class-qualifies").text)
    assert "班级人数 不超过 每班人数上限（80人）" in text
    assert "每名教师对应的学员数（班级人数 ÷ 教师数） 不超过 师生比上限（1:20）" in text
    assert "适用：证书类型 是 培训合格证书" in text
    assert "这个班有多少名学员？ 单位：人" in text
    assert "每班人数上限不超过80人2021-04-07不限" in text


def test_a_figure_names_the_rules_that_read_it(page_client):
    html = page_client.get(f"/rules/{PLAN}/max_class_size").text
    assert "不超过80人" in html
    assert f'href="/rules/{PLAN}/class-qualifies"' in html
    assert f"{PLAN}?mark=" in html


def test_a_deadline_in_plain_words(page_client):
    text = strip(page_client.get(f"/rules/{PLAN}/review").text)
    assert "从受理日期起" in text
    assert "期限（各处规定不同）" in text
    assert "不超过10工作日" in text
    assert "只数工作日" in text
    back = strip(page_client.get(f"/rules/{PLAN}/publicity-start-latest").text)
    assert "往前倒数" in back


def test_a_conflict_leads_to_its_place_and_an_unknown_rule_is_told(page_client):
    reply = page_client.get(f"/rules/{PLAN}/review-days", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (
        307, f"/conflicts#{PLAN}--review-days"
    )  # fmt: skip
    assert page_client.get("/rules/none/none").status_code == 404


@pytest.mark.parametrize(
    ("query", "n_documents", "words"),
    [
        ({}, 6, "共 493 条"),
        ({"document": PLAN}, 1, "补贴性培训班是否符合要求"),
        ({"kind": "verdict"}, 5, "判断"),
        ({"region": "河北省"}, 3, "冀办字〔2021〕21号"),
        ({"kind": "none"}, 0, "没有符合条件的规则"),
    ],
)
def test_rules_are_listed_by_document_and_kind(page_client, real_assistant, query, n_documents, words):
    n_rules = len(schema_rules.all_rules(real_assistant.calculator.book))
    text = page_client.get("/rules", params=query).text
    assert words.replace("493", str(n_rules)) in text
    assert text.count('class="card rule-list"') <= n_documents


@pytest.mark.parametrize(
    ("query", "status"), [({"region": "火星"}, 422), ({"document": "none"}, 404)], ids=["region", "document"]
)
def test_rules_explain_what_is_wrong_in_place(page_client, query, status):
    reply = page_client.get("/rules", params=query)
    assert reply.status_code == status
    assert 'role="alert"' in reply.text
    assert 'class="card rule-list"' not in reply.text


def test_conflicts_quote_both_sides(page_client, real_assistant):
    html = page_client.get("/conflicts").text
    book = real_assistant.calculator.book
    for key, conflict in book.conflicts.items():
        article = html.partition(f'id="{key.replace("/", "--")}"')[2].partition("</article>")[0]
        text = strip(article)
        assert conflict.label in text
        assert conflict.statement in text
        assert (conflict.relation in text) == (conflict.relation != "none")
        assert article.count('class="side"') == len(conflict.sides)
        for side in real_assistant.calculator.sides(conflict):
            assert all(f"?mark={cite.start}-{cite.end}#c-" in unquote(article) for cite in side)


# ---- hostile and large documents ---------------------------------------------------------------------


def hostile_document() -> Document:
    lines = ['一、<img src=x onerror="alert(1)">', f"javascript:alert(1) {HOSTILE}", "{{ 7 * 7 }} {% raw %}"]
    source = "\n".join(lines)
    starts = [source.index(line) for line in lines]
    clauses = tuple(
        Clause(f"d'x#{i}", "d'x", f'{i}"><b>', f"<i>{i}</i>", "clause", s, s + len(line), line, "<u>")
        for i, (s, line) in enumerate(zip(starts, lines, strict=True))
    )
    return Document("d'x", f"题{HOSTILE}", "<b>1号</b>", '"><script>', "000000", source, clauses)


def test_hostile_text_of_a_document_is_inert(open_corpus):
    with open_corpus(hostile_document()) as client:
        for address in ("/documents", "/documents/d'x?mark=0-40", "/rules", "/conflicts"):
            reply = client.get(address)
            assert reply.status_code == 200
            for tag in ("<img", "<b>", "<i>", "<u>", "<script>"):
                assert tag not in reply.text, (address, tag)
            assert 'href="javascript' not in reply.text
        text = client.get("/documents/d'x").text
        assert "{{ 7 * 7 }}" in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_hostile_text_of_a_part_and_of_a_query_is_inert(open_corpus):
    with open_corpus() as client:
        html = client.get("/documents/huangchuan-2021-1").text
        assert "<b>" not in html
        for name in ("q", "region", "document"):
            query = {"q": "每班", name: f'">{HOSTILE}'}
            assert "<script>alert" not in client.get("/documents/search", params=query).text


def test_a_very_large_document_is_read(open_corpus):
    n_clauses = 5000
    lines = [f"第{i}条　标题{i}。" + "每班人数不得超过八十人。" * 4 for i in range(n_clauses)]
    source = "\n".join(lines)
    clauses, at = [], 0
    for i, line in enumerate(lines):
        ids = (f"big#{i}", "big", str(i), f"第{i}条")
        clauses.append(Clause(*ids, "clause", at, at + len(line), line, f"标题{i}"))
        at += len(line) + 1
    document = Document("big", "大文件", "", "", "000000", source, tuple(clauses))
    with open_corpus(document) as client:
        reply = client.get("/documents/big?mark=0-3")
    assert reply.status_code == 200
    assert reply.text.count('<section class="clause clause') == n_clauses

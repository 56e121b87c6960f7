"""What anybody may store, the staff sees as text: no script on a page, no formula in a table, no forged line in a log."""

from __future__ import annotations

import csv
import io
import logging
import re
from html.parser import HTMLParser

import openpyxl
import pytest

from tests.attacks.conftest import check_no_leak
from tests.attacks.items import read_items

FORMULA = ("=", "+", "-", "@", "\t", "\r")
REGION = "潢川县"


class Scripts(HTMLParser):
    """Collects what a page would run or load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._is_script = tag == "script"
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction", "data"):
            value = (given.get(name) or "").strip().lower()
            if re.match(r"(?:javascript|vbscript|data:text|//)", value):
                self.found.append(f"{tag} {name}={value[:40]}")
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(tag)

    def handle_data(self, data):
        if self._is_script and data.strip():
            self.found.append(f"script {data[:40]}")
        self.text.append(data)


def read_page(reply) -> Scripts:
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    page = Scripts()
    page.feed(reply.text)
    return page


def _store(target, item) -> None:
    """Ask with a payload and vote with it in every free field."""
    answer = target.ask(f"火星上{item.text}能开班吗？", REGION).json()
    vote = {
        "answer_id": answer["id"],
        "session_id": answer["session_id"],
        "vote": "down",
        "reason": item.text,
        "comment": f"{item.text} {item.id}",
    }
    assert target.client.post("/v1/feedback", json=vote).status_code == 200


@pytest.fixture(scope="module")
def stored(target, real_assistant):
    items = read_items("stored")
    for item in items:
        _store(target, item)
    return items


def test_pages_of_the_staff_run_nothing_of_it(target, stored):
    shown = ""
    for number in range(1, 20):
        reply = target.staff.get("/staff/review", params={"page": number, "kind": "down"})
        page = read_page(reply)
        assert page.found == []
        shown += "".join(page.text)
        if "page=" + str(number + 1) not in reply.text:
            break
    assert [item.id for item in stored if item.id not in shown] == []
    assert "<script>alert" in shown  # shown as text, not left out


def test_tables_of_the_staff_hold_no_formula(target, stored):
    rows = list(csv.reader(io.StringIO(target.staff.get("/staff/review.csv").content.decode("utf-8-sig"))))
    assert len(rows) > len(stored)
    cells = [cell for row in rows for cell in row]
    book = openpyxl.load_workbook(io.BytesIO(target.staff.get("/staff/review.xlsx").content))
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            cells += [cell.value for cell in row if isinstance(cell.value, str)]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]


@pytest.mark.parametrize(
    "address", ["/staff", "/staff/check", "/staff/progress", "/staff/forms", "/staff/widget"]
)
@pytest.mark.parametrize("name", ["region", "class_size", "rule", "as_of", "next", "kind"])
def test_forms_run_nothing_of_what_their_address_says(target, address, name):
    for item in read_items("stored")[:9]:
        reply = target.staff.get(address, params={name: item.text}, headers={"accept": "text/html"})
        check_no_leak(reply, target.key)
        page = Scripts()
        page.feed(reply.text)
        assert page.found == [], item.id


def test_logs_hold_no_forged_line(target, stored, caplog):
    with caplog.at_level(logging.DEBUG):
        for item in stored:
            target.client.get("/v1/documents/x", headers={"x-request-id": "a", "user-agent": "b"})
            target.client.get("/v1/search", params={"q": item.text, "region": item.text[:90]})
    written = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("assistant")
    )
    assert "forged line" not in written


@pytest.mark.parametrize("item", read_items("upload"), ids=lambda item: item.id)
def test_names_of_files(target, item):
    content = "班级名称,班级人数\n甲班,85\n".encode()
    for address, client in (("/v1/check/batch", target.client), ("/staff/batch", target.staff)):
        files = {"file": (item.text, content, "text/csv")}
        reply = client.post(address, files=files, data={"region": REGION}, headers={"accept": "text/html"})
        check_no_leak(reply, target.key)
        assert reply.status_code in (200, 422)
        saved = reply.headers.get("content-disposition", "")
        assert not re.search(r"[\r\n<>]|\.\./", saved)
        if reply.headers["content-type"].startswith("text/html"):
            page = Scripts()
            page.feed(reply.text)
            assert [found for found in page.found if "data:" not in found] == []


@pytest.mark.parametrize("item", read_items("cell"), ids=lambda item: item.id)
def test_cells_of_files(target, item):
    stream = io.StringIO()
    csv.writer(stream).writerows([["班级名称", "班级人数"], [item.text, "85"], ["乙班", item.text]])
    files = {"file": ("classes.csv", stream.getvalue().encode(), "text/csv")}
    reply = target.client.post("/v1/check/batch", files=files, data={"region": REGION, "as_of": "2021-06-01"})
    assert reply.status_code == 200, reply.text
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert not [c.value for c in cells if isinstance(c.value, str) and c.value.startswith(("=", "+", "@"))]
    assert "符合" not in [cell.value for cell in cells]

"""One old answer on the staff desk: signed in only, inert, noted, and comparing what it was with what it is."""

from __future__ import annotations

import pytest

QUESTION = {"question": "一个班最多能坐多少人？", "region": "潢川县", "as_of": "2021-12-31"}
HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }} 电话13800138000，每班人数？"


@pytest.fixture
def given(page_client):
    return page_client.post("/v1/ask", json=QUESTION).json()


def test_the_answer_is_shown_with_what_became_of_it(staff_client, given, real_assistant):
    reply = staff_client.get(f"/staff/answers/{given['id']}")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert "与当时逐字节相同" in reply.text
    assert "潢川县；按 2021-12-31 的规定" in reply.text
    assert given["text"].splitlines()[0][:30] in reply.text
    assert f"/documents/{given['citations'][0]['document']}?mark=" in reply.text
    deed = real_assistant.store.registry.deeds(1)[0]
    assert (deed.who, deed.action, deed.detail) == ("test", "answer-replay", given["id"])


def test_what_an_asker_wrote_is_inert_and_masked(staff_client, page_client):
    asked = page_client.post("/v1/ask", json={"question": HOSTILE}).json()
    page = staff_client.get(f"/staff/answers/{asked['id']}").text
    assert "<img" not in page
    assert "&lt;img" in page
    assert "49" not in page.split("问题：")[1][:60]
    assert "13800138000" not in page


def test_nobody_else_sees_it(page_client, given):
    reply = page_client.get(f"/staff/answers/{given['id']}", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"][:14]) == (303, "/staff/sign-in")


@pytest.mark.parametrize("name", ["0123456789abcdef", "x" * 300, "..%2F..%2Fetc", "%00", "条"])
def test_an_answer_that_is_not_known_is_told(staff_client, name):
    reply = staff_client.get(f"/staff/answers/{name}")
    assert reply.status_code == 404
    assert "<h1" in reply.text

"""Keys and tokens: shown once, kept as hashes, revoked for good; the audit says who did what."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from assistant.errors import RequestInvalid
from assistant.store.actors import RESERVED
from assistant.store.registry import digest_of, find_digest
from assistant.store.store import Store, find_store

SITES = ["https://a.example", "http://b.example:8080"]


@pytest.fixture
def registry(opened):
    return opened.registry


def test_a_key_is_shown_once_and_kept_as_a_hash(registry, opened):
    key = registry.create_key("培训科", "terminal")
    assert key.startswith("sk_")
    assert len(key) > 40
    (kept,) = registry.list_keys()
    assert (kept.name, kept.digest, kept.revoked_at) == ("培训科", digest_of(key), None)
    rows = opened._database.read(lambda c: c.execute(text("SELECT * FROM staff_keys")).all())
    assert key not in str(rows)


def test_a_token_has_its_origins(registry):
    token = registry.create_token("官网", SITES, "terminal")
    (kept,) = registry.list_tokens()
    assert (kept.name, kept.origins, kept.digest) == ("官网", tuple(SITES), digest_of(token))
    assert token.startswith("pk_")


def test_the_right_secret_is_found_and_no_other(registry):
    keys = {name: registry.create_key(name, "terminal") for name in "ab"}
    known = registry.list_keys()
    assert find_digest(known, keys["b"]).name == "b"
    for wrong in ("", "sk_", keys["a"][:-1], keys["a"] + " ", "\ud800"):
        assert find_digest(known, wrong) is None
    registry.revoke_key("b", "terminal")
    assert find_digest(registry.list_keys(), keys["b"]) is None


@pytest.mark.parametrize("name", ["", " x", "x ", "a\nb", "a\0b", "\ud800", "x" * 65, *RESERVED])
def test_a_name_that_cannot_be_one(registry, name):
    for create in (lambda: registry.create_key(name, "t"), lambda: registry.create_token(name, SITES, "t")):
        with pytest.raises(RequestInvalid, match="名称不能用"):
            create()
    with pytest.raises(RequestInvalid, match="没有名称为"):
        registry.revoke_key(name, "t")


def test_a_name_is_never_given_twice(registry):
    registry.create_key("a", "t")
    registry.revoke_key("a", "t")
    with pytest.raises(RequestInvalid, match="已经用过"):
        registry.create_key("a", "t")
    with pytest.raises(RequestInvalid, match="仍在使用"):
        registry.revoke_key("a", "t")
    registry.create_token("a", SITES, "t")


def test_one_of_two_at_once_gets_the_name(registry):
    start = threading.Barrier(4)

    def create(_):
        start.wait()
        try:
            return registry.create_key("a", "t")
        except RequestInvalid:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [key for key in pool.map(create, range(4)) if key]
    assert [k.digest for k in registry.list_keys()] == [digest_of(key) for key in made]


def test_the_secret_is_made_once(opened, any_url):
    secret = opened.registry.signing_secret()
    assert len(secret) > 40
    assert opened.registry.signing_secret() == secret
    other = Store(any_url)
    assert other.registry.signing_secret() == secret
    other.close()


def test_the_audit_says_who_did_what(registry):
    registry.create_key("a", "terminal")
    registry.create_token("w", SITES, "a")
    registry.revoke_token("w", "a")
    registry.revoke_key("a", "terminal")
    registry.note("a", "export", "13800138000 " + "x" * 1000)
    deeds = registry.deeds()
    assert [(d.who, d.action) for d in reversed(deeds)] == [
        ("terminal", "key-create"),
        ("a", "token-create"),
        ("a", "token-revoke"),
        ("terminal", "key-revoke"),
        ("a", "export"),
    ]
    assert deeds[0].detail.startswith("138******** ")
    assert len(deeds[0].detail) == 500
    assert "https://a.example" in deeds[3].detail
    assert [d.action for d in registry.deeds(1)] == ["export"]


def test_parts_of_a_process_share_one_store(url):
    assert find_store(url) is find_store(url)
    find_store(url).close()

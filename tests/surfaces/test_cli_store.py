"""`tiaowen store …` and what a running server tidies by itself."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.config import StoreSettings
from assistant.errors import StoreError
from assistant.models import Answer
from assistant.store.conversations import Turn
from assistant.store.store import Store
from assistant.surfaces.cli import main
from assistant.surfaces.housekeeping import Housekeeper, keep_house

NOW = datetime.now(UTC)


def keep(store, session, days_ago):
    answer = Answer(f"a{days_ago}", session, "answered", "答", date(2026, 1, 1), (), None, (), "c")
    turn = Turn("问", answer.id, "answered", "{}", NOW - timedelta(days=days_ago))
    store.conversations.append(session, turn, answer)


@pytest.fixture
def url(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'tiaowen.db'}"
    monkeypatch.setenv("TIAOWEN_STORE__URL", url)
    with closing(Store(url)) as store:
        keep(store, "old", 100)
        keep(store, "young", 1)
    return url


@pytest.fixture
def run(capsys):
    def run_one(*args):
        code = main([*args])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_one


def test_info_counts_and_says_how_long_it_is_kept(run, url, monkeypatch):
    monkeypatch.setenv("TIAOWEN_STORE__RETENTION_DAYS", "180")
    code, out, _ = run("store", "info")
    assert code == 0
    assert "对话：2" in out
    assert "对话 180 天，操作记录 一直保留" in out
    found = json.loads(run("store", "info", "--json")[1])
    assert (found["kind"], found["counts"]["turns"], found["retention_days"]) == ("sqlite", 2, 180)


def test_purge_tells_first_and_does_then(run, url, monkeypatch):
    code, _, err = run("store", "purge")
    assert code == 6
    assert "--days" in err
    assert "会删除：提问和回答 1 条，对话 1 个" in run("store", "purge", "--days", "30", "--dry-run")[1]
    monkeypatch.setenv("TIAOWEN_STORE__RETENTION_DAYS", "30")
    done = json.loads(run("store", "purge", "--json")[1])
    assert (done["n_turns"], done["is_dry_run"]) == (1, False)
    with closing(Store(url)) as store:
        assert (store.conversations.count("old"), store.conversations.count("young")) == (0, 1)
        assert [deed.action for deed in store.registry.deeds()] == ["store-purge"]


def test_forget_is_audited_without_naming_whom(run, url):
    assert run("store", "forget", "young")[0] == 0
    code, _, err = run("store", "forget", "young")
    assert (code, "没有这个会话" in err) == (6, True)
    with closing(Store(url)) as store:
        (deed,) = store.registry.deeds()
        assert deed.action == "conversation-forget"
        assert "young" not in deed.detail
        assert store.conversations.count("old") == 1


def test_backup_is_a_store_of_its_own(run, url, tmp_path):
    code, out, err = run("store", "backup", str(tmp_path / "b.db"))
    assert code == 0
    assert "完整性检查" in out
    assert "妥善保管" in err
    assert run("store", "backup", str(tmp_path / "b.db"))[0] == 6
    assert run("store", "backup", "--force", str(tmp_path / "b.db"))[0] == 0
    with closing(Store(f"sqlite:///{tmp_path / 'b.db'}")) as copy:
        assert copy.conversations.count("old") == 1


def test_a_server_tidies_by_itself(url):
    with closing(Store(url)) as store:
        housekeeper = Housekeeper(lambda: store, StoreSettings(url=url, retention_days=30))
        done = threading.Event()
        tidy = housekeeper.tidy

        def tell():
            tidy()
            done.set()

        housekeeper.tidy = tell
        with keep_house(housekeeper, first=0.01, every=60):
            assert done.wait(10)
        assert store.conversations.count("old") == 0
        assert store.conversations.count("young") == 1


def test_without_a_limit_nothing_runs_and_a_store_that_is_away_is_no_end(url, caplog):
    def fail():
        raise StoreError("连不上数据库")

    idle = Housekeeper(fail, StoreSettings(url=url))
    n_threads = threading.active_count()
    with keep_house(idle, first=0):
        assert threading.active_count() == n_threads
    Housekeeper(fail, StoreSettings(url=url, retention_days=1)).tidy()
    assert "连不上数据库" in caplog.text

"""`tiaowen doctor`: what is in order, what is not, the remedy; where things are broken, too, and without secrets."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from assistant.config import (
    LimitSettings,
    RetrievalSettings,
    ServerSettings,
    Settings,
    StoreSettings,
    TelegramSettings,
    WechatSettings,
    WecomSettings,
)
from assistant.retrieval.generation import name_generation
from assistant.store.store import Store, find_store
from assistant.surfaces.api import create_app
from assistant.surfaces.cli import main
from assistant.surfaces.doctor import channels, index, network, stores, system, texts
from assistant.surfaces.doctor import examine as examine_module
from assistant.surfaces.doctor.examine import GROUPS, examine
from assistant.surfaces.doctor.finding import Checkup, Texts, fine
from tests.standins import telegram_api, weixin_api

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "a" * 42 + "0"


def checkup(now=NOW, patience=2.0, **sections):
    settings = Settings(_env_file=None, **sections)
    return Checkup(settings, Texts(settings), now, patience)


def look(check, **sections):
    return {finding.name: finding for finding in check(checkup(**sections))}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# ---- all of it -----------------------------------------------------------------------------------------


def test_a_good_installation_has_no_fault(settings, build_report):
    chosen = settings.model_copy(update={"server": ServerSettings(port=free_port())})
    report = examine(Checkup(chosen, Texts(chosen), NOW))
    assert [f for f in report.findings if f.state == "fail"] == []
    assert report.exit_code == 0
    assert set(report.groups) == set(GROUPS)
    told = {finding.name: finding.told for finding in report.findings}
    assert build_report.generation in told["索引"]
    assert "SHA-256 全部相符" in told["索引"]
    assert "抽查与向量一致" in told["Chroma"]
    assert "huangchuan-2021-1" in told["时效"]
    assert "2026 年" in told["日历"]


def test_where_everything_is_broken_each_thing_has_its_remedy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(
            _env_file=None,
            corpus_dir=tmp_path / "nowhere",
            index_dir=tmp_path / "empty",
            store=StoreSettings(url="postgresql://u:hunter22@127.0.0.1:1/x"),
            limits=LimitSettings(storage="redis://:topsecret@127.0.0.1:1/0"),
            retrieval=RetrievalSettings(chroma_url="http://127.0.0.1:1", embedder=str(tmp_path / "no-model")),
            server=ServerSettings(port=taken.getsockname()[1], proxies="0.0.0.0/0"),
            telegram=TelegramSettings(token="123:topsecret", base_url="http://127.0.0.1:1/bot"),
            wecom=WecomSettings(token="aaaa"),
            wechat=WechatSettings(token="QDG6eK"),
        )
        report = examine(Checkup(settings, Texts(settings), NOW, patience=0.5))
    faults = {f.name: f for f in report.findings if f.state == "fail"}
    assert set(faults) >= {"文件", "索引", "数据库", "Redis", "Chroma 服务器", "端口", "反向代理", "企业微信"}
    assert all(f.remedy and f.exit_code for f in faults.values())
    assert report.exit_code == faults["文件"].exit_code == 3
    shown = json.dumps([(f.told, f.remedy) for f in report.findings], ensure_ascii=False)
    for secret in ("hunter22", "topsecret"):
        assert secret not in shown


def test_a_check_that_fails_by_itself_stops_no_other():
    def check_bad(_checkup):
        yield fine("一", "好")
        raise ZeroDivisionError("secret")

    def check_good(_checkup):
        yield fine("二", "好")

    report = examine(checkup(), {"组": (check_bad, check_good)})
    assert [(f.name, f.state) for f in report.findings] == [("一", "ok"), ("bad", "fail"), ("二", "ok")]
    assert "ZeroDivisionError" in report.findings[1].told
    assert report.exit_code == 1


# ---- the command ---------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys, monkeypatch, settings, build_report, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIAOWEN_INDEX_DIR", str(settings.index_dir))
    monkeypatch.setenv("TIAOWEN_STORE__URL", f"sqlite:///{tmp_path / 'x.db'}")
    monkeypatch.setenv("TIAOWEN_SERVER__PORT", str(free_port()))

    def run_one(*args):
        code = main(["doctor", *args])
        return code, capsys.readouterr().out

    return run_one


def test_the_command_tells_and_makes_nothing(run, tmp_path):
    code, out = run()
    assert code == 0
    assert "✓ 数据库：还没有" in out
    assert "0 项不行" in out
    assert list(tmp_path.iterdir()) == []
    code, out = run("--problems")
    assert "✓" not in out
    assert "→" in out


def test_json_has_the_same_and_a_fault_ends_with_its_code(run, monkeypatch, tmp_path):
    monkeypatch.setattr(examine_module, "GROUPS", {"索引": GROUPS["索引"], "存储": GROUPS["存储"]})
    monkeypatch.setenv("TIAOWEN_INDEX_DIR", str(tmp_path / "none"))
    code, out = run("--json")
    found = json.loads(out)
    assert (code, found["is_healthy"], found["counts"]["fail"]) == (4, False, 1)
    (fault,) = [f for f in found["findings"] if f["state"] == "fail"]
    assert (fault["group"], fault["name"], fault["exit_code"]) == ("索引", "索引", 4)


def test_settings_that_cannot_be_read_are_told(run, monkeypatch):
    monkeypatch.setenv("TIAOWEN_SERVER__PROT", "1")
    code, out = run()
    assert code == 2
    assert "TIAOWEN_SERVER__PROT" in out


# ---- program and settings --------------------------------------------------------------------------------


def test_a_package_that_is_missing_or_old_is_named(monkeypatch):
    wanted = ["httpx>=99", "no-such-package-here>=1", "pytest>=1", 'extra-thing; extra == "x"']
    monkeypatch.setattr(system.metadata, "requires", lambda _: wanted)
    (found,) = system.check_packages(checkup())
    assert found.state == "fail"
    assert "httpx 是" in found.told
    assert "没有安装 no-such-package-here" in found.told
    assert "extra-thing" not in found.told
    assert "'httpx>=99'" in found.remedy


@pytest.mark.parametrize(
    ("secret", "state"),
    [("a" * 20, "warn"), ("abcabcabcabcabcabc", "warn"), ("0f9c2b7d1e6a43580f9c2b7d", "ok")],
)
def test_a_secret_that_can_be_guessed_is_told_without_being_shown(secret, state):
    found = look(system.check_settings, telegram=TelegramSettings(token="1:x", webhook_secret=secret))
    assert found["密钥强度"].state == state
    assert secret not in found["密钥强度"].told + found["密钥强度"].remedy


@pytest.mark.parametrize(("mode", "state"), [(0o644, "warn"), (0o600, "ok")])
def test_a_file_of_settings_that_others_can_read(tmp_path, monkeypatch, mode, state):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)
    assert look(system.check_settings)["设置文件"].state == state


@pytest.fixture(scope="module")
def shipped():
    """What is known of the shipped corpus, read once."""
    return checkup()


# ---- documents, rules, calendar ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state", "told"),
    [
        ("2026-11-26", "ok", "2027 年的通知公布后要补上"),
        ("2026-12-01", "warn", "还没有 2027"),
        ("2027-01-01", "warn", "没有 2027 年的"),
        ("2025-12-31", "ok", "放假安排到 2026 年"),
    ],
)
def test_the_calendar_has_this_year_and_in_december_the_next(shipped, day, state, told):
    now = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    (found,) = texts.check_calendar(replace(shipped, now=now))
    assert found.state == state
    assert told in found.told


def test_a_document_whose_words_changed_is_found_out(tmp_path):
    from assistant.config import data_dir

    shutil.copytree(data_dir("corpus"), tmp_path / "corpus")
    source = tmp_path / "corpus" / "documents" / "huangchuan-2021-1" / "source.txt"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("招生", "招收", 1).replace("每课时不低于", "每课时不少于", 1), "utf-8")
    (found,) = texts.check_rules(checkup(corpus_dir=tmp_path / "corpus"))
    assert found.state in ("fail", "warn")
    assert found.remedy


# ---- index -------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(settings, build_report, tmp_path):
    """A copy of the index that may be damaged."""
    shutil.copytree(settings.index_dir, tmp_path / "indexes")
    return tmp_path / "indexes", build_report.generation


def test_each_file_of_the_index_is_checked(copied):
    folder, name = copied
    for file in json.loads((folder / name / "manifest.json").read_text())["files"]:
        path = folder / name / file
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        found = look(index.check_index, index_dir=folder)
        assert found["索引"].state == "fail", file
        assert file in found["索引"].told
        path.write_bytes(whole)
    assert look(index.check_index, index_dir=folder)["索引"].state == "ok"


def test_a_damaged_collection_of_chroma_is_told_and_serves_on(copied):
    folder, name = copied
    (damaged,) = (folder / name / "chroma").rglob("data_level0.bin")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    found = look(index.check_index, index_dir=folder)
    assert (found["索引"].state, found["Chroma"].state) == ("ok", "warn")


def test_an_index_of_another_corpus_is_told(copied, tmp_path):
    from assistant.config import data_dir

    shutil.copytree(data_dir("corpus"), tmp_path / "corpus")
    extra = tmp_path / "corpus" / "documents" / "extra"
    extra.mkdir()
    (extra / "source.txt").write_text("潢川县办法\n\n第一条　补助为每人每天30元。\n", encoding="utf-8")
    found = look(index.check_index, index_dir=copied[0], corpus_dir=tmp_path / "corpus")
    assert found["索引与文件库"].state == "warn"
    assert "tiaowen index" in found["索引与文件库"].remedy


def test_an_embedder_that_did_not_build_it_is_told(copied):
    folder, name = copied
    manifest = json.loads((folder / name / "manifest.json").read_text())
    data = json.dumps({**manifest, "embedder": "another", "chroma": "none"}).encode()
    (folder / name / "manifest.json").write_bytes(data)
    renamed = name_generation(data)
    (folder / name).rename(folder / renamed)
    (folder / "CURRENT").write_text(f"{renamed}\n")
    found = look(index.check_index, index_dir=folder)
    assert (found["索引"].state, found["向量模型"].state) == ("ok", "fail")
    assert "another" in found["向量模型"].told


# ---- what is kept --------------------------------------------------------------------------------------------


def test_a_store_in_use_is_described(opened_store):
    url, store = opened_store
    found = look(stores.check_store, store=StoreSettings(url=url))
    assert found["数据库"].state == "ok"
    assert "能读能写" in found["数据库"].told
    assert (found["工作台密钥"].state, found["消息队列"].state) == ("warn", "ok")
    store.registry.create_key("科室", "test")
    store.registry.note("terminal", stores.BACKUP_DEED)
    again = look(stores.check_store, store=StoreSettings(url=url))
    assert again["工作台密钥"].state == "ok"
    if url.startswith("sqlite"):
        assert "WAL" in found["数据库"].told
        assert found["数据库完整性"].state == "ok"
        assert again["备份"].state == "ok"
        late = {
            f.name: f
            for f in stores.check_store(
                checkup(now=datetime.now(UTC) + timedelta(days=8), store=StoreSettings(url=url))
            )
        }
        assert late["备份"].state == "warn"
    else:
        assert abs(float(found["数据库时钟"].told.split()[-2])) < 5


@pytest.fixture(params=["sqlite", "postgresql"])
def opened_store(request, tmp_path):
    """A store of either kind, and its address."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'data' / 'tiaowen.db'}"
    else:
        psycopg = pytest.importorskip("psycopg", reason="needs psycopg")
        server = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
        try:
            connection = psycopg.connect(server, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as exc:
            pytest.skip(f"needs a PostgreSQL server: {exc}")
        name = f"tiaowen_doctor_{os.getpid()}"
        connection.execute(f"CREATE DATABASE {name}")
        url = f"{server.rpartition('/')[0]}/{name}"
    store = find_store(url)
    yield url, store
    store.close()
    if request.param == "postgresql":
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()


def test_a_clock_that_is_off_is_told(opened_store):
    url, _ = opened_store
    if url.startswith("sqlite"):
        return
    settings = Settings(_env_file=None, store=StoreSettings(url=url))
    off = Checkup(settings, Texts(settings), NOW, clock=lambda: time.time() - 90)
    found = {f.name: f for f in stores.check_store(off)}
    assert found["数据库时钟"].state == "warn"
    assert "快" in found["数据库时钟"].told


def test_a_store_of_another_version_is_left_as_it_is(tmp_path):
    for version, state in ((1, "warn"), (99, "fail")):
        path = tmp_path / f"{version}.db"
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE store_schema (version INTEGER PRIMARY KEY)")
            database.execute("INSERT INTO store_schema VALUES (?)", [version])
        before = path.read_bytes()
        found = look(stores.check_store, store=StoreSettings(url=f"sqlite:///{path}"))
        assert found["数据库"].state == state
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith(f"{version}.db-")] == []


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "x.db"
    path.write_bytes(b"no database" * 100)
    found = look(stores.check_store, store=StoreSettings(url=f"sqlite:///{path}"))
    assert (found["数据库"].state, found["数据库"].exit_code) == ("fail", 7)


def test_conversations_kept_for_years_ask_for_a_limit(tmp_path):
    from assistant.store.conversations import Turn

    url = f"sqlite:///{tmp_path / 'x.db'}"
    with closing(Store(url)) as store:
        turn = Turn("问", "a", "answered", "{}", datetime.now(UTC) - timedelta(days=800))
        store.conversations.append("s", turn)
    now = datetime.now(UTC)
    for days, state in ((0, "warn"), (180, "ok")):
        settings = StoreSettings(url=url, retention_days=days)
        found = {f.name: f for f in stores.check_store(checkup(now=now, store=settings))}
        assert found["保留期限"].state == state
    assert found["备份"].state == "warn"


def test_redis_where_it_is_set():
    pytest.importorskip("redis", reason="needs redis")
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    found = look(stores.check_redis, limits=LimitSettings(storage=url))
    if found["Redis"].state == "fail":
        pytest.skip("needs a Redis server")
    assert found["Redis 时钟"].state == "ok"


# ---- network -------------------------------------------------------------------------------------------------


def test_a_port_is_free_or_ours_or_taken(keeping, access, serve):
    port = free_port()
    assert look(network.check_port, server=ServerSettings(port=port))["端口"].state == "ok"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = ServerSettings(port=taken.getsockname()[1])
        (found,) = network.check_port(checkup(server=settings, patience=0.3))
    assert (found.state, "占用" in found.told) == ("fail", True)
    with serve(create_app(lambda: keeping, access=access)) as address:
        settings = ServerSettings(port=httpx.URL(address).port)
        found = look(network.check_port, server=settings)
    assert "运行着条问" in found["端口"].told
    assert found["运行中的服务"].state == "warn"  # the scripted assistant has a warning
    assert "逐条比对" in found["运行中的服务"].told


def test_an_address_of_another_machine_cannot_be_listened_on(monkeypatch):
    monkeypatch.setattr(network, "_ask", lambda *_: "ConnectError")
    (found,) = network.check_port(checkup(server=ServerSettings(host="203.0.113.7", port=8000)))
    assert (found.state, "不是本机的地址" in found.told) == ("fail", True)


@pytest.mark.parametrize(
    ("server", "states"),
    [
        ({}, {"公网地址": "ok", "反向代理": "skip"}),
        ({"host": "0.0.0.0"}, {"公网地址": "warn"}),
        ({"public_url": "http://wen.example.gov.cn"}, {"公网地址": "warn"}),
        ({"public_url": "https://wen.example.gov.cn"}, {"公网地址": "ok", "反向代理": "warn"}),
        (
            {"public_url": "https://wen.example.gov.cn", "proxies": "10.0.0.1"},
            {"公网地址": "ok", "反向代理": "ok"},
        ),
        ({"proxies": "0.0.0.0/0"}, {"反向代理": "fail"}),
        ({"proxies": "10.0.0.0/8"}, {"反向代理": "ok"}),
        ({"host": "0.0.0.0", "metrics": "open"}, {"指标": "warn"}),
    ],
)
def test_the_way_in(server, states):
    found = look(network.check_address, server=ServerSettings(**server))
    assert {name: found[name].state for name in states} == states


def test_the_public_address_is_tried(keeping, access, serve):
    with serve(create_app(lambda: keeping, access=access)) as address:
        found = look(network.check_reachable, server=ServerSettings(public_url=address))
    assert found["公网访问"].state == "ok"
    found = look(network.check_reachable, server=ServerSettings(public_url="http://127.0.0.1:1"))
    assert found["公网访问"].state == "warn"
    assert look(network.check_reachable) == {}


# ---- messengers ------------------------------------------------------------------------------------------------


def telegram(api, **changes):
    fields = {"token": telegram_api.TOKEN, "base_url": api.address, **changes}
    return TelegramSettings(**fields)


def test_telegram_is_asked_whether_it_knows_the_token():
    with telegram_api.serving() as api:
        found = look(channels.check_telegram, telegram=telegram(api))
        assert (found["Telegram"].state, found["Telegram 接收"].state) == ("ok", "ok")
        assert "@tiaowen_bot" in found["Telegram"].told
        wrong = look(channels.check_telegram, telegram=telegram(api, token="123456:wrong-token"))
        assert (wrong["Telegram"].state, wrong["Telegram"].exit_code) == ("fail", 2)
    away = look(channels.check_telegram, telegram=telegram(api))
    assert away["Telegram"].state == "warn"
    told = away["Telegram"].told + away["Telegram"].remedy + wrong["Telegram"].told
    assert "token" not in told.replace("TOKEN", "")


@pytest.mark.parametrize(
    ("public", "known", "fault", "state"),
    [
        (None, "", {}, "fail"),
        ("http://wen.example.gov.cn", "", {}, "fail"),
        ("https://wen.example.gov.cn", "", {}, "warn"),
        ("https://wen.example.gov.cn", "https://wen.example.gov.cn/channels/telegram", {}, "ok"),
        (
            "https://wen.example.gov.cn",
            "https://wen.example.gov.cn/channels/telegram",
            {"last_error_message": "SSL error"},
            "warn",
        ),
    ],
    ids=["no address", "not https", "not registered", "right", "Telegram cannot call"],
)
def test_the_webhook_is_compared_with_what_telegram_knows(public, known, fault, state):
    with telegram_api.serving() as api:
        api.webhook, api.webhook_fault = {"url": known}, fault
        found = look(
            channels.check_telegram,
            telegram=telegram(api, webhook_secret="0f9c2b7d1e6a43580f9c"),
            server=ServerSettings(public_url=public),
        )
    assert found["Telegram 接收"].state == state


def test_polling_while_a_webhook_is_registered_is_told():
    with telegram_api.serving() as api:
        api.webhook = {"url": "https://old.example/hook"}
        assert look(channels.check_telegram, telegram=telegram(api))["Telegram 接收"].state == "warn"


def wecom(api, **changes):
    fields = {
        "token": weixin_api.TOKEN,
        "aes_key": weixin_api.AES_KEY,
        "corp_id": weixin_api.CORP_ID,
        "agent_id": weixin_api.AGENT_ID,
        "secret": weixin_api.SECRET,
        "api_url": api.address,
    }
    return WecomSettings(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "state", "told"),
    [
        ({}, "ok", "认可"),
        ({"secret": "another-secret"}, "fail", "不认"),
        ({"aes_key": None}, "fail", "TIAOWEN_WECOM__AES_KEY"),
        ({"corp_id": ""}, "fail", "TIAOWEN_WECOM__CORP_ID"),
        ({"agent_id": 0}, "fail", "TIAOWEN_WECOM__AGENT_ID"),
        ({"secret": None}, "warn", "继续"),
        ({"api_url": "http://127.0.0.1:1"}, "warn", "连不上"),
    ],
)
def test_wecom_is_set_up_whole(changes, state, told):
    with weixin_api.serving_api() as api:
        found = look(channels.check_wecom, wecom=wecom(api, **changes))
    assert found["企业微信"].state == state
    assert told in found["企业微信"].told
    assert weixin_api.SECRET not in found["企业微信"].told


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "fail"),
        ({"app_id": "wx1"}, "warn"),
        ({"app_id": "wx1", "aes_key": KEY}, "ok"),
        ({"app_id": "wx1", "aes_key": KEY, "secret": "s"}, "ok"),
    ],
)
def test_wechat_is_set_up_whole(fields, state):
    found = look(channels.check_wechat, wechat=WechatSettings(token="QDG6eK", **fields))
    assert found["微信公众号"].state == state


def test_a_callback_needs_an_address():
    wechat = WechatSettings(token="QDG6eK")
    assert look(channels.check_callbacks, wechat=wechat)["回调地址"].state == "warn"
    server = ServerSettings(public_url="https://wen.example.gov.cn")
    assert look(channels.check_callbacks, wechat=wechat, server=server) == {}

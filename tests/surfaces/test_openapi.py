"""schemathesis reads `/openapi.json` and sends what it allows and what it forbids to a live server: no reply is undocumented.

`TEST_OPENAPI=full` sends a hundred times as much.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from tests.surfaces.conftest import SECRET, serve_app

N_EXAMPLES = 500 if os.environ.get("TEST_OPENAPI") == "full" else 4
ORIGIN = "https://www.example.gov.cn"
# A region, a rule, a subject, a day of the right form need not exist: the reply is then a documented 422.
EXCLUDED = "positive_data_acceptance"


@dataclass(frozen=True)
class Live:
    """A live server, and what a request needs to come through to what exists."""

    address: str
    token: str
    answer_id: str
    session_id: str


@pytest.fixture(scope="module")
def live(real_assistant) -> Iterator[Live]:
    registry = real_assistant.store.registry
    token = registry.create_token("openapi", [ORIGIN], "tests")
    app = create_app(lambda: real_assistant, access=Access(lambda: registry, secret=SECRET))
    with serve_app(app) as address:
        body = {"question": "一个班最多能坐多少人？", "region": "潢川县"}
        answer = httpx.post(f"{address}/v1/ask", json=body, timeout=60).json()
        yield Live(address, token, answer["id"], answer["session_id"])


@pytest.fixture
def run_schemathesis(live: Live, tmp_path: Path):
    command = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert command, "schemathesis is part of the extra dev"

    def run(config: str, *options: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "schemathesis.toml").write_text(config, encoding="utf-8")
        arguments = [
            *("--config-file", str(tmp_path / "schemathesis.toml"), "run", f"{live.address}/openapi.json"),
            *("--exclude-checks", EXCLUDED, "--generation-database", "none", "--seed", "1"),
            *("--max-examples", str(N_EXAMPLES), "--request-timeout", "60", "--no-color", *options),
        ]
        return subprocess.run(
            [command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return run


def test_every_reply_is_documented(run_schemathesis):
    done = run_schemathesis("", "--phases", "examples,coverage,fuzzing")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "unresolvable" not in done.stdout


def test_every_reply_about_what_exists_is_documented(run_schemathesis, live):
    """The same with ids that exist: others never get past the first look-up."""
    config = f"""
[parameters]
"path.document_id" = "huangchuan-2021-1"
"path.clause_id" = "huangchuan-2021-1/2.4.21.1"
"path.rule_id" = "huangchuan-2021-1/class-qualifies"
"path.model" = "tiaowen"
"body.answer_id" = "{live.answer_id}"
"body.session_id" = "{live.session_id}"
"body.token" = "{live.token}"
[headers]
Origin = "{live.address}"
"""
    done = run_schemathesis(
        config, "--phases", "fuzzing", "--mode", "positive", "--include-path-regex", r"\{|feedback"
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_problems_are_described_whole(live):
    paths = httpx.get(f"{live.address}/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert len(operations) >= 18
    assert all(operation["summary"] and operation["responses"] for operation in operations)
    assert "#/$defs" not in str(operations)

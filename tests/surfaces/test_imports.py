"""What a question loads: neither the training libraries nor another surface."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "telegram",
    "langchain_core",
    "langchain",
    "sqlalchemy",
    "alembic",
    "redis",
    "mcp",
    "openai",
)

SCRIPT = """
import sys
import assistant.app
from assistant.surfaces import {module}
print(*sorted(name for name in {names!r} if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("module", "names"),
    [
        pytest.param(
            "cli", (*HEAVY, "fastapi", "starlette", "uvicorn", "rich", "evals", "prometheus_client"), id="ask"
        ),
        pytest.param("api", HEAVY, id="serve"),
    ],
)
def test_question_path_stays_light(module, names):
    script = SCRIPT.format(module=module, names=names)
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert loaded.stdout.split() == []

"""Same question, same corpus, same day: the same bytes, whichever process and whichever index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2026-11-21"
ASK_ALL = """
import json, sys
from assistant.surfaces.cli import main
assert main(["index", "--json"]) == 0
questions = json.load(sys.stdin)
for question, region in questions:
    place = ["--region", region] if region else []
    assert main(["ask", question, "--as-of", sys.argv[1], "--json", *place]) == 0
for question, _ in questions[:3]:
    assert main(["search", question, "--json"]) == 0
"""


def read_questions() -> list[tuple[str, str | None]]:
    """The first case of every kind, so that every way to answer or refuse is taken."""
    text = (ROOT / "evals" / "cases" / "dev.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in text.splitlines() if line.strip()]
    by_kind = {case["kind"]: case for case in reversed(cases) if not case["history"]}
    return [(by_kind[kind]["question"], by_kind[kind]["region"]) for kind in sorted(by_kind)]


def answer_all(folder: Path, hash_seed: str) -> tuple[bytes, bytes]:
    """(what a fresh index and a fresh process print, the generation's name)."""
    index_dir = folder / "indexes"
    env = os.environ | {
        "TIAOWEN_INDEX_DIR": str(index_dir),
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK_ALL, AS_OF],
        input=json.dumps(read_questions()).encode(),
        cwd=folder,
        env=env,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    # The first line tells how many seconds the build took.
    return done.stdout.partition(b"\n")[2], (index_dir / "CURRENT").read_bytes()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[bytes, bytes]]:
    seeds = ("1", "4242")
    folders = [tmp_path_factory.mktemp(f"seed-{seed}") for seed in seeds]
    with ThreadPoolExecutor(len(seeds)) as pool:
        return list(pool.map(answer_all, folders, seeds))


def test_answers_are_the_same_bytes(runs):
    (first, _), (second, _) = runs
    lines = first.splitlines()
    n_questions = len(read_questions())
    assert len(lines) == n_questions + 3
    assert {json.loads(line)["status"] for line in lines[:n_questions]} >= {"answered", "refused"}
    for one, other in zip(lines, second.splitlines(), strict=True):
        assert one == other
    assert first == second


def test_indexes_are_the_same_generation(runs):
    (_, first), (_, second) = runs
    assert first == second

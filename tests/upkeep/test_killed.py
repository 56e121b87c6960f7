"""`kill -9` at every step of a change: folder and index are each as before or as after, and the next change works."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from assistant.app import open_assistant
from assistant.documents.switch import STEPS, hold_changes
from assistant.documents.versions import list_changes, version_folder
from assistant.errors import StoreError
from assistant.models import Question
from assistant.retrieval.build import STAGES
from assistant.upkeep.changes import apply_change
from assistant.upkeep.drafts import open_shelf
from assistant.upkeep.plans import plan_update
from assistant.upkeep.revisions import read_revision
from tests.upkeep.conftest import PLAN, TEXT, make_settings

SIXTY = TEXT.replace("不得超过80人", "不得超过60人")
ALL_STEPS = (*STEPS, *STAGES[:-1])
FULL = os.environ.get("TIAOWEN_FAULTS") == "full"
"""By default only the steps at which something on the disk changes."""
KILLED_AT = ALL_STEPS if FULL else (*STEPS, "embed", "switch", "clean")

# One child a step, forked from a process that has read everything there is to import.
CHILDREN = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from assistant.config import data_dir
from assistant.retrieval import build
from assistant.retrieval.segment import Segmenter
from assistant.upkeep.changes import Signer, apply_change
from assistant.upkeep.drafts import open_shelf
from assistant.upkeep.plans import plan_update
from assistant.upkeep.revisions import read_revision
from tests.upkeep.conftest import PLAN, make_settings

known = Segmenter(data_dir("corpus") / "dictionary.txt", data_dir("corpus") / "stopwords.txt")
build.Segmenter = lambda *_: known
root = Path(sys.argv[1])
for step in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        def kill(stage, done, total):
            if stage == step:
                os.kill(os.getpid(), signal.SIGKILL)
        settings = make_settings(root / step)
        revision = read_revision(settings, open_shelf(settings), PLAN, root / "new.txt", {}, ["max_class_size"])
        apply_change(settings, plan_update(revision), Signer("x", datetime(2026, 11, 21, tzinfo=UTC)), kill)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(step, os.WTERMSIG(status), flush=True)
"""


@pytest.fixture(scope="module")
def killed(_small, tmp_path_factory) -> Path:
    """A folder for each step, with what the killed process left."""
    root = tmp_path_factory.mktemp("killed")
    (root / "new.txt").write_text(SIXTY, encoding="utf-8")
    for step in KILLED_AT:
        for name in ("corpus", "indexes"):
            shutil.copytree(_small.corpus_dir.parent / name, root / step / name)
    command = [sys.executable, "-c", CHILDREN, str(root), *KILLED_AT]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{step} {signal.SIGKILL.value}" for step in KILLED_AT]
    return root


def size_at(settings) -> str:
    """What the index that serves says of a class of 70."""
    assistant = open_assistant(settings)
    assert assistant.warnings == ()
    question = Question("", date(2024, 6, 1), "光山县", facts={"class_size": "70"})
    answer = assistant.decide(f"{PLAN}/class-size", question)
    quote = answer.citations[0]
    assert assistant.source(PLAN)[quote.start : quote.end] == quote.quote
    return answer.decision.outcome


@pytest.mark.parametrize("step", KILLED_AT)
def test_a_killed_change_leaves_all_of_the_old_or_all_of_the_new(killed, step, write, signer):
    own = make_settings(killed / step)
    at = ALL_STEPS.index(step)
    is_committed, is_served = at > ALL_STEPS.index("commit"), at > ALL_STEPS.index("switch")
    assert size_at(own) == ("fail" if is_served else "pass")
    document = open_shelf(own).corpus.document_by_id[PLAN]
    assert ("60人" in document.source) == is_committed
    assert len(list_changes(own.corpus_dir)) == (1 if is_committed else 0)
    assert version_folder(own.corpus_dir, PLAN, 1).is_dir() == is_committed
    later = read_revision(
        own, open_shelf(own), PLAN, write(TEXT.replace("第六条", "第七条")), {}, ["max_class_size"]
    )
    apply_change(own, plan_update(later), signer)
    assert size_at(own) == "pass"
    left = [p.name for p in (own.corpus_dir / "history").iterdir() if p.suffix != ".lock"]
    assert left == [PLAN]


def test_two_changes_do_not_run_at_once(own, write, signer):
    revision = read_revision(own, open_shelf(own), PLAN, write(SIXTY), {})
    with hold_changes(own.corpus_dir), pytest.raises(StoreError, match="另一个人正在修改文件库"):
        apply_change(own, plan_update(revision), signer)
    assert list_changes(own.corpus_dir) == ()
    apply_change(own, plan_update(revision), signer)
    assert len(list_changes(own.corpus_dir)) == 1

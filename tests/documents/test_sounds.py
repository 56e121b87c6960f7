"""How characters sound."""

import subprocess
import sys

import pytest

from assistant.documents.sounds import read_sounds


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        pytest.param("潢川", ["huang", "chuan"], id="characters"),
        pytest.param("A班80人", ["A", "ban", "8", "0", "ren"], id="what has no sound stands for itself"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_sounds(text, sounds):
    assert read_sounds(text) == sounds


def test_phrases_are_not_loaded():
    """They would take more than all the clauses do."""
    code = (
        "import sys; from assistant.documents.sounds import read_sounds; read_sounds('班');"
        "sys.exit('pypinyin.phrases_dict' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

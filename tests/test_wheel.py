"""The wheel carries what the package needs, and works where there is no checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CARRIED = {
    "corpus": (ROOT / "corpus", "assistant/_data/corpus"),
    "prompts": (ROOT / "prompts", "assistant/_data/prompts"),
    "embedding model": (
        ROOT / "assistant/retrieval/static_model",
        "assistant/retrieval/static_model",
    ),
    "page": (ROOT / "assistant/surfaces/web", "assistant/surfaces/web"),
    "Word templates": (
        ROOT / "assistant/surfaces/staff/word_templates",
        "assistant/surfaces/staff/word_templates",
    ),
}
QUESTION = ("ask", "一个班最多能坐多少人？", "--region", "潢川县", "--as-of", "2026-11-21", "--json")


def run_python(python: str, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess:
    """Run an interpreter without the PYTHON* names of this process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env={**kept, "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def build_wheel(checkout: Path, folder: Path) -> Path:
    built = run_python(
        sys.executable,
        *("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(checkout)),
        cwd=folder,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a new environment that has the wheel and sees our dependencies.

    The folder of the dependencies is named in a .pth file, and the .pth files in that folder (that of
    an editable install among them) are then not read: the checkout stays out of sight.
    """
    folder = tmp_path_factory.mktemp("venv")
    done = run_python(sys.executable, "-m", "venv", "--without-pip", str(folder), cwd=folder)
    assert done.returncode == 0, done.stderr
    scheme = sysconfig.get_preferred_scheme("prefix")
    paths = sysconfig.get_paths(scheme, vars={"base": str(folder), "platbase": str(folder)})
    Path(paths["purelib"], "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    python = str(Path(paths["scripts"], "python"))
    done = run_python(
        sys.executable,
        *("-m", "pip", "--python", python, "install", "--no-deps", "--no-index", str(wheel)),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return python


@pytest.mark.parametrize(("folder", "place"), CARRIED.values(), ids=CARRIED)
def test_wheel_carries(wheel, folder, place):
    wanted = {
        f"{place}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and folder / "history" not in path.parents
    }
    with zipfile.ZipFile(wheel) as archive:
        carried = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"{place}/") and not name.endswith((".py", "/"))
        }
    assert wanted
    assert carried == wanted


def test_wheel_carries_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert {top for top in tops if not top.endswith(".dist-info")} == {"assistant"}
        assert [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]


def test_wheel_leaves_former_versions_out(tmp_path):
    checkout = tmp_path / "checkout"
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "assistant/__init__.py"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, checkout / name)
    for name in ("corpus/facts.yaml", "corpus/history/changes.jsonl", "corpus/history/a/1/source.txt"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("kept here", encoding="utf-8")
    (checkout / "prompts").mkdir()
    with zipfile.ZipFile(build_wheel(checkout, tmp_path)) as archive:
        data = [name for name in archive.namelist() if "/_data/" in name]
    assert data == ["assistant/_data/corpus/facts.yaml"]


def test_installed_package_answers(installed, tmp_path):
    where = run_python(
        installed, "-c", "import assistant, sys; print(assistant.__file__, *sys.path)", cwd=tmp_path
    )
    assert str(ROOT) not in where.stdout.split()
    assert not where.stdout.startswith(str(ROOT / "assistant"))
    env = {"TIAOWEN_INDEX_DIR": str(tmp_path / "indexes")}
    built = run_python(installed, "-m", "assistant", "index", cwd=tmp_path, **env)
    assert built.returncode == 0, built.stderr
    asked = run_python(installed, "-m", "assistant", *QUESTION, cwd=tmp_path, **env)
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["status"] == "answered"
    assert answer["citations"][0]["clause_id"] == "huangchuan-2021-1#2.4.21.1"
    assert "80" in answer["citations"][0]["quote"]


def test_installed_command_runs(installed, tmp_path):
    command = Path(installed).with_name("tiaowen")
    done = subprocess.run(
        [command, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split()[0] == "tiaowen", done.stderr


def test_evaluation_says_that_it_needs_the_checkout(installed, settings, build_report, tmp_path):
    env = {"TIAOWEN_INDEX_DIR": str(settings.index_dir)}
    done = run_python(installed, "-m", "assistant", "eval", cwd=tmp_path, **env)
    assert done.returncode == 2
    assert "make eval" in done.stderr

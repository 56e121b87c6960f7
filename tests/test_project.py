"""What holds for the repository as a whole: its commands, what its files may mention, what a question loads."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from assistant.config import setting_names

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ["install", "check", "test", "serve", "index", "eval", "bench", "bot", "help"]
READMES = ["README.md", "README.zh-CN.md"]
BINARY = {".npy", ".png", ".ico", ".pdf", ".docx", ".xlsx"}
# Written in pieces, so that this file does not mention them itself.
UNWANTED = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home/\w+|opt/(?:wheels|pypi))" r"(?:/|\b)",
    "a scratch folder": r"(?<![\w.])/tmp" r"/",
    "a package registry": r"files\.python" r"hosted|pypi" r"\.org|registry\.npm" r"js|extra-" r"index-url",
}
HEAVY = ("torch", "transformers", "sentence_transformers", "fastapi", "telegram", "langchain_core")
ASK = """
import sys
from assistant.surfaces.cli import main
assert main(["ask", "一个班最多能坐多少人？", "--region", "潢川县", "--json"]) == 0
print(*sorted(set(sys.argv[1:]) & set(sys.modules)), file=sys.stderr)
"""


def repository_files() -> list[Path]:
    """Text files that are, or are about to be, under version control."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def test_make_has_exactly_these_targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) == [" ".join(TARGETS)]
    assert re.findall(r"^([a-z]\w*):.*## \S", makefile, re.MULTILINE) == TARGETS


def test_make_alone_is_help():
    # Under `make test` this is a make inside a make, which would say so in its output.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    alone, asked = (
        subprocess.run(["make", *goal], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
        for goal in ([], ["help"])
    )
    assert alone == asked
    assert [line.split()[1] for line in alone.splitlines()] == TARGETS


def command_paths() -> set[str]:
    """Every command of `tiaowen`, groups included, such as `corpus check`."""
    import typer.main

    from assistant.surfaces.cli import app

    found: set[str] = set()
    todo = [("", typer.main.get_command(app))]
    while todo:
        path, command = todo.pop()
        found.add(path)
        todo += [(f"{path} {name}".strip(), sub) for name, sub in getattr(command, "commands", {}).items()]
    return found - {""}


@pytest.mark.parametrize("name", READMES)
def test_readme_names_only_what_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    code = "\n".join(code_of(text))
    commands = command_paths()
    for words in re.findall(r"\btiaowen ([a-z-]+(?: [a-z]+)?)", code):
        assert words in commands or words.split()[0] in commands, words
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= set(TARGETS)
    assert set(re.findall(r"\bTIAOWEN_\w+", text)) <= setting_names()
    for path in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text):
        assert (ROOT / path).exists(), path


def code_of(text: str) -> list[str]:
    """Fenced blocks and code inside lines."""
    blocks = re.findall(r"```.*?\n(.*?)```", text, re.DOTALL)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]


@pytest.mark.parametrize("name", READMES)
def test_readme_lists_every_address_of_the_api(name):
    from assistant.surfaces.api import create_app

    text = (ROOT / name).read_text(encoding="utf-8")
    described = set(re.findall(r"`(?:GET|POST) (/[^`\s?]*)", text))
    assert described >= set(create_app(lambda: None).openapi()["paths"])


def test_readmes_mirror_each_other():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    for shape in (r"^#+ ", r"^```", r"^\|", r"^\d+\. |^- "):
        assert len(re.findall(shape, english, re.M)) == len(re.findall(shape, chinese, re.M)), shape


@pytest.mark.parametrize(("what", "pattern"), UNWANTED.items(), ids=UNWANTED)
def test_no_file_mentions(what, pattern):
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in repository_files()
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == [], what


def test_torch_and_langchain_stay_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"torch~=2.13.0", "langchain>=1.4,<2", "langchain-core>=1.4,<2"} <= set(project["dependencies"])


def test_layers_contract_is_exhaustive():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (contract,) = tool["importlinter"]["contracts"]
    modules = {path.stem for path in (ROOT / "assistant").glob("*.py")} - {"__init__"}
    folders = {path.parent.name for path in (ROOT / "assistant").glob("*/__init__.py")}
    assert contract["exhaustive"] is True
    assert {name.strip() for layer in contract["layers"] for name in layer.split("|")} == modules | folders


def test_pre_commit_needs_no_network():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repo["repo"] for repo in config["repos"]} == {"local"}


@pytest.mark.parametrize("name", ["connect", "connect_ex"])
def test_tests_cannot_leave_this_machine(name):
    with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match="connects to"):
        getattr(sock, name)(("203.0.113.7", 9))
    with pytest.raises(pytest.fail.Exception, match="looks up"):
        socket.getaddrinfo("example.org", 80)


def test_a_question_loads_no_training_library(settings, build_report, tmp_path):
    env = os.environ | {"TIAOWEN_INDEX_DIR": str(settings.index_dir), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", ASK, *HEAVY],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"answered"' in done.stdout
    assert done.stderr.strip() == ""

"""Dockerfile, compose.yaml and the systemd units: well-formed, hardened, without passwords, naming only what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.config import setting_names
from assistant.surfaces.serving import DRAIN_SECONDS
from tests.test_project import ROOT, command_paths

DEPLOY = ROOT / ".deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(DEPLOY.iterdir())]
API = ("api-1", "api-2")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services, with what they inherit."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_real_settings_are_named(path):
    named = set(re.findall(r"\bTIAOWEN_\w+", path.read_text(encoding="utf-8")))
    assert named <= setting_names()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_password_has_a_default(path):
    text = path.read_text(encoding="utf-8")
    for name, rest in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*)([^}]*)\}", text):
        assert rest.startswith(":?") or rest == ":-", name
    assert re.findall(r"(?im)^\s*\w*(?:password|secret|token)\w*\s*[:=]\s*[^\s${][^\s]*$", text) == []


def dockerfile_steps() -> list[tuple[str, str]]:
    """Instructions and their arguments, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name.upper(), rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def test_dockerfile_is_well_formed():
    known = {"FROM", "ARG", "ENV", "WORKDIR", "RUN", "COPY", "USER", "VOLUME", "EXPOSE"} | {
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    steps = dockerfile_steps()
    assert {name for name, _ in steps} <= known
    stages = [rest for name, rest in steps if name == "FROM"]
    assert len(stages) == 2
    assert all("slim" in stage and not stage.endswith(":latest") for stage in stages)
    last = steps[max(i for i, (name, _) in enumerate(steps) if name == "FROM") :]
    assert [rest for name, rest in last if name == "USER"] == ["tiaowen"]
    entry, command = (
        json.loads(next(rest for n, rest in last if n == name)) for name in ("ENTRYPOINT", "CMD")
    )
    assert entry == ["tiaowen"]
    assert command[0] in command_paths()
    assert "/readyz" in next(rest for name, rest in last if name == "HEALTHCHECK")


def test_dockerfile_copies_what_the_build_needs():
    copied = {
        source
        for name, rest in dockerfile_steps()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {Path(s).as_posix() for s in copied} >= {
        *wheel["only-include"],
        project["project"]["readme"],
        *project["project"]["license-files"],
        "pyproject.toml",
    }
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] == "!"
    }
    assert copied <= allowed
    assert all((ROOT / source).exists() for source in copied)


def test_compose_is_taken_by_docker(compose):
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs docker compose")
    values = {"POSTGRES_PASSWORD": "p", "REDIS_PASSWORD": "r", "SITE_ADDRESS": "wen.example.gov.cn"}
    command = [docker, "compose", "--file", str(ROOT / "compose.yaml"), "config", "--quiet"]
    assert (
        subprocess.run(
            command, env=values | {"PATH": "/usr/bin"}, check=False, capture_output=True
        ).returncode
        == 0
    )
    assert subprocess.run(command, env={"PATH": "/usr/bin"}, check=False, capture_output=True).returncode != 0


def test_compose_has_everything_and_it_fits_together(compose):
    services = compose["services"]
    assert {*API, "bot", "postgres", "redis", "chroma", "proxy", "index"} == set(services)
    for name, service in services.items():
        assert service.keys() & {"image", "build"}, name
        for needed in service.get("depends_on", {}):
            assert needed in services, (name, needed)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), volume
        assert set(service["networks"]) <= set(compose["networks"])
        command = service.get("command", [])
        if service["image"].startswith("tiaowen"):
            assert command[0] in command_paths() or " ".join(command[:2]) in command_paths()
    checked = {name for name, s in services.items() if "test" in s.get("healthcheck", {})}
    assert {"postgres", "redis", "chroma", "proxy"} <= checked
    assert all("healthcheck" not in services[name] for name in API)  # the image's own


def test_compose_is_closed(compose):
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    subnet = compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    for name in (*API, "bot", "index"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["environment"]["TIAOWEN_SERVER__PROXIES"] == subnet
    assert int(services["api-1"]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_unit_is_what_systemd_takes(unit, tmp_path):
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("needs systemd-analyze")
    text = unit.read_text(encoding="utf-8")
    command = re.search(r"(?m)^ExecStart=(\S+) (.*)$", text)
    words = command[2].split()
    assert words[0] in command_paths() or " ".join(words[:2]) in command_paths()
    here = tmp_path / unit.name
    here.write_text(text.replace(command[1], sys.executable), encoding="utf-8")
    done = subprocess.run(
        [systemd, "verify", "--man=no", str(here)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_unit_waits_for_the_drain_and_is_hardened(unit):
    lines = dict(line.partition("=")[::2] for line in unit.read_text("utf-8").splitlines() if "=" in line)
    assert int(lines["TimeoutStopSec"]) > DRAIN_SECONDS
    hardened = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "CapabilityBoundingSet": ""}
    assert hardened.items() <= lines.items()


def test_proxy_checks_what_the_api_serves(compose):
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(api-\d):8000", text)) == set(API)
    assert "health_uri /readyz" in text
    assert text.count("{") == text.count("}")

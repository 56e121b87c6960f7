"""The program, its packages, its settings."""

from __future__ import annotations

import platform
import stat
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from assistant import __version__
from assistant.config import PREFIX, Settings
from assistant.errors import ConfigError
from assistant.surfaces.doctor.finding import Checkup, Finding, failed, fine, unused, warned
from assistant.surfaces.startup import setting_rows

DISTRIBUTION = "tiaowen"
OLDEST_PYTHON = (3, 11)
_SHORT_SECRET = 16
_FEW_CHARACTERS = 6  # different ones: 1234, aaaa


def check_python(_checkup: Checkup) -> Iterator[Finding]:
    """The interpreter."""
    told = f"条问 {__version__}，Python {platform.python_version()}，{platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        yield failed("程序", told, "安装 Python 3.11 或更高版本后重建 .venv", ConfigError.exit_code)
    else:
        yield fine("程序", told)


def check_packages(checkup: Checkup) -> Iterator[Finding]:
    """The packages it needs, and those that the settings call for."""
    try:
        required = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    except metadata.PackageNotFoundError:
        yield warned("依赖", "程序没有安装成包，查不到依赖", "在源码目录运行 make install")
        return
    needed = [r for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]
    needed += [Requirement(line) for line in _list_wanted(checkup.settings)]
    faults = [fault for requirement in needed if (fault := _find_fault(requirement))]
    if faults:
        remedy = "运行 make install；或 pip install " + " ".join(f"'{name}'" for name, _ in faults)
        told = "；".join(told for _, told in faults)
        yield failed("依赖", told, remedy, ConfigError.exit_code)
    else:
        yield fine("依赖", f"{len(needed)} 个包齐全，版本合适")


def _list_wanted(settings: Settings) -> Iterator[str]:
    """Packages that are not always needed, but by these settings."""
    if settings.limits.storage:
        yield "redis>=5"
    if not settings.store.url.startswith("sqlite"):
        yield "psycopg>=3.1"
    if settings.otel.endpoint:
        yield "opentelemetry-sdk>=1.30"
        yield "opentelemetry-exporter-otlp-proto-http>=1.30"


def _find_fault(requirement: Requirement) -> tuple[str, str] | None:
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        found = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return wanted, f"没有安装 {requirement.name}"
    if not requirement.specifier.contains(found, prereleases=True):
        return wanted, f"{requirement.name} 是 {found}，需要 {requirement.specifier}"
    return None


def check_settings(checkup: Checkup) -> Iterator[Finding]:
    """What is set, and whether secrets are worth the name."""
    settings = checkup.settings
    default = {row.name: row.value for row in setting_rows(Settings.model_construct())}
    changed = [row.name for row in setting_rows(settings) if default.get(row.name) != row.value]
    shown = "、".join(name.removeprefix(PREFIX) for name in changed[:6]) + ("…" if len(changed) > 6 else "")
    yield fine(
        "设置", f"没有不认识的设置名；改动了 {len(changed)} 项：{shown}" if changed else "全部是默认值"
    )
    yield from _check_secrets(settings)
    yield from _check_env_file()


def _check_secrets(settings: Settings) -> Iterator[Finding]:
    known = {
        "TELEGRAM__WEBHOOK_SECRET": settings.telegram.webhook_secret,
        "WECOM__TOKEN": settings.wecom.token,
        "WECHAT__TOKEN": settings.wechat.token,
    }
    secrets = {name: secret.get_secret_value() for name, secret in known.items() if secret}
    # A token of WeCom is what its settings page made; only a short one was made up by hand.
    weak = [
        f"{PREFIX}{name}"
        for name, secret in secrets.items()
        if len(set(secret)) < _FEW_CHARACTERS or (name.startswith("TELEGRAM") and len(secret) < _SHORT_SECRET)
    ]
    if weak:
        yield warned("密钥强度", f"太容易猜到：{'、'.join(weak)}", "换成随机的：openssl rand -hex 24")
    elif secrets:
        yield fine("密钥强度", f"检查了 {len(secrets)} 个")
    else:
        yield unused("密钥强度", "没有设置回调密钥")


def _check_env_file() -> Iterator[Finding]:
    path = Path(".env")
    if not path.is_file():
        yield unused("设置文件", "当前目录没有 .env，只读环境变量")
        return
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warned("设置文件", f".env 别的用户也能读（{stat.filemode(mode)}）", "运行 chmod 600 .env")
    else:
        yield fine("设置文件", ".env 只有本用户能读")

"""Every check in its order → a report. A check that fails by itself is a finding, too; nothing stops the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.config import Settings, load_settings
from assistant.errors import ConfigError, TiaowenError
from assistant.surfaces.doctor import channels, index, network, stores, system, texts
from assistant.surfaces.doctor.finding import Check, Checkup, Finding, State, broken, failed
from assistant.surfaces.watching.logs import Masks, list_secrets

logger = logging.getLogger(__name__)

GROUPS: dict[str, Sequence[Check]] = {
    "程序和设置": (system.check_python, system.check_packages, system.check_settings),
    "文件和规则": (texts.check_documents, texts.check_years, texts.check_rules, texts.check_calendar),
    "索引": (index.check_index, index.check_room),
    "存储": (stores.check_store, stores.check_redis, stores.check_chroma_server),
    "网络": (network.check_port, network.check_address, network.check_reachable),
    "聊天软件": (
        channels.check_telegram,
        channels.check_wecom,
        channels.check_wechat,
        channels.check_callbacks,
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """The findings by group, in order."""

    groups: dict[str, tuple[Finding, ...]]

    @property
    def findings(self) -> list[Finding]:
        """All of them."""
        return [finding for group in self.groups.values() for finding in group]

    @property
    def exit_code(self) -> int:
        """That of the first thing that does not work; 0 where everything does."""
        return next((f.exit_code or 1 for f in self.findings if f.state == "fail"), 0)

    def count(self, state: State) -> int:
        """How many findings are so."""
        return sum(finding.state == state for finding in self.findings)


def find_settings() -> Settings | Finding:
    """The settings, or what is wrong with them."""
    try:
        return load_settings()
    except ConfigError as exc:
        return replace(broken("设置", exc), told=exc.message)


def examine(checkup: Checkup, groups: dict[str, Sequence[Check]] | None = None) -> Report:
    """Run every check.

    Args:
        groups: the checks by name of their group; None takes all there are.
    """
    masks = Masks(list_secrets(checkup.settings))
    wanted = GROUPS if groups is None else groups
    found = {
        name: tuple(_mask(finding, masks) for check in checks for finding in _run(check, checkup))
        for name, checks in wanted.items()
    }
    return Report(found)


def examine_without_settings(fault: Finding) -> Report:
    """What can be said where the settings cannot be read."""
    return Report({"程序和设置": (fault,)})


def _run(check: Check, checkup: Checkup) -> Iterator[Finding]:
    try:
        yield from check(checkup)
    except TiaowenError as exc:
        yield broken(check.__name__.removeprefix("check_"), exc)
    except Exception as exc:
        logger.exception("a check failed by itself: %s", check.__name__)
        told = f"这项检查自己出错了（{type(exc).__name__}）"
        yield failed(check.__name__.removeprefix("check_"), told, "把日志发给维护者", TiaowenError.exit_code)


def _mask(finding: Finding, masks: Masks) -> Finding:
    return replace(finding, told=masks.apply(finding.told), remedy=masks.apply(finding.remedy))

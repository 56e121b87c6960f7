"""The frame around every command: Chinese help and errors, exit codes, no traceback.

A command raises; this module words it. Usage errors of the command-line library are told apart by
class name, because typer carries its own copy of click and does not export the classes.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from assistant.errors import TiaowenError

if TYPE_CHECKING:
    from rich.console import Console

USAGE_EXIT = 2
INTERNAL_EXIT = 1
INTERRUPTED_EXIT = 130

logger = logging.getLogger(__name__)

USAGE_MESSAGES = {
    "NoSuchOption": "没有这个选项：{option_name}",
    "MissingParameter": "缺少参数：{param}",
    "BadParameter": "参数 {param} 的值不对",
    "BadOptionUsage": "选项 {option_name} 用法不对",
    "BadArgumentUsage": "参数个数不对",
    "UsageError": "命令写得不对",
}


class _ChineseHelp:
    """Mixed into the command classes: the library's own words, in Chinese."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示本帮助并退出"
        return option

    def get_usage(self, ctx: Any) -> str:
        usage: str = super().get_usage(ctx)  # type: ignore[misc]
        words = {"Usage:": "用法：", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}
        for english, chinese in words.items():
            usage = usage.replace(english, chinese)
        return usage

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils

        rich_utils.OPTIONS_PANEL_TITLE = "选项"
        rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
        rich_utils.COMMANDS_PANEL_TITLE = "命令"
        rich_utils.DEFAULT_STRING = "[默认：{}]"
        rich_utils.REQUIRED_LONG_STRING = "[必填]"
        super().format_help(ctx, formatter)  # type: ignore[misc]


class Command(_ChineseHelp, TyperCommand):
    """A command with Chinese help."""


class Group(_ChineseHelp, TyperGroup):
    """A group of commands with Chinese help."""


def new_group(help_text: str, *, is_root: bool = False) -> typer.Typer:
    """A group of commands; without a command it shows its help."""
    return typer.Typer(
        cls=Group,
        help=help_text,
        no_args_is_help=not is_root,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def write_line(text: str) -> None:
    """One line on standard output, exactly as it is."""
    sys.stdout.write(text + "\n")


def write_help(text: str) -> None:
    """Help that the library returned; with rich it has printed it already and returns nothing."""
    if text:
        write_line(text)


def write_error(message: str, hint: str = "") -> None:
    """What went wrong and the remedy, on standard error."""
    sys.stderr.write(f"错误：{message}\n")
    if hint:
        sys.stderr.write(f"解决办法：{hint}\n")


def write_notice(message: str) -> None:
    """Something the operator should see beside the result, on standard error."""
    sys.stderr.write(f"注意：{message}\n")


def new_console(*, stderr: bool = False) -> Console:
    """A rich console that neither highlights numbers nor reads markup or emoji codes."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def run_app(app: typer.Typer, args: list[str] | None = None) -> int:
    """Run a command line and return its exit code; nothing escapes but what ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run_guarded(app, args)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`); keep the interpreter quiet when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL_EXIT
    return code


def _run_guarded(app: typer.Typer, args: list[str] | None) -> int:
    try:
        code = app(args=args, prog_name="tiaowen", standalone_mode=False)
    except TiaowenError as exc:
        write_error(exc.message, exc.hint)
        return exc.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED_EXIT
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else INTERNAL_EXIT
    except BrokenPipeError:
        raise
    except Exception as exc:
        if hasattr(exc, "format_message"):
            return _report_usage(exc)
        logger.debug("unexpected error", exc_info=exc)
        write_error(
            f"内部错误（{type(exc).__name__}）",
            "设 TIAOWEN_LOG_LEVEL=DEBUG 重新运行，把日志发给维护者",
        )
        return INTERNAL_EXIT
    return code if isinstance(code, int) else 0


def _report_usage(exc: Exception) -> int:
    """Word a usage error; a group called without a command shows its help instead."""
    name = type(exc).__name__
    context = getattr(exc, "ctx", None)
    text = str(getattr(exc, "message", ""))
    if name == "NoArgsIsHelpError":
        write_help(text)
        return USAGE_EXIT
    fields = {
        "option_name": getattr(exc, "option_name", ""),
        "param": _parameter_name(getattr(exc, "param", None)),
    }
    message = USAGE_MESSAGES.get(name, USAGE_MESSAGES["UsageError"]).format_map(fields)
    if unknown := re.match(r"No such command '(.+?)'", text):
        message = f"没有这个命令：{unknown[1]}"
    if extra := re.match(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)$", text):
        message = f"多出的内容：{extra[1]}"
    path = context.command_path if context is not None else "tiaowen"
    write_error(message, f"运行 {path} --help 查看用法")
    return USAGE_EXIT


def _parameter_name(param: Any) -> str:
    if param is None:
        return ""
    options = sorted((name for name in param.opts if name.startswith("-")), key=len)
    return str(options[-1] if options else param.metavar or param.name)

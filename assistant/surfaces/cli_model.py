"""`tiaowen model check`: one call of the language model in each way that it is used, and what to repair where it fails."""

from __future__ import annotations

import time

from assistant.config import data_dir
from assistant.errors import ConfigError, ModelError
from assistant.surfaces.startup import start_settings
from assistant.surfaces.terminal import Command, new_group, write_line, write_notice

model = new_group("语言模型：检查设置是否可用。")

_PROBE = "条问检查接口"
_MODES = {
    "json_schema": "json_schema（接口保证格式）",
    "function_calling": "function_calling（函数调用）",
    "text": "text（从文字里读出 JSON）",
}


@model.command(
    "check", cls=Command, help="调用一次语言模型，说明能否使用、用哪种方式、要多久；会用掉少量额度。"
)
def check() -> None:
    """Call the model and say what works.

    Raises:
        ConfigError: no model is set.
        ModelError: it cannot be reached, or gives nothing that can be used.
    """
    from assistant.app import open_model
    from assistant.dialogue.prompts import load_prompts
    from assistant.dialogue.rephrase import Proposal

    settings = start_settings()
    if not settings.model.name:
        raise ConfigError(
            "没有设置语言模型，回答由条文摘录组成",
            hint="要用就设 TIAOWEN_MODEL__NAME 和 TIAOWEN_MODEL__BASE_URL，见 .env.example",
        )
    asked = open_model(settings)
    messages = load_prompts(data_dir("prompts"))["check"].fill(question=_PROBE)
    write_line(f"模型：{asked.name}，接口：{settings.model.base_url or settings.model.provider}")
    list(asked.stream_text("check", messages, asked.start()))  # the first call loads the library and connects
    began, first = time.monotonic(), 0.0
    for _ in asked.stream_text("check", messages, asked.start()):
        first = first or time.monotonic() - began
    took = time.monotonic() - began
    write_line(f"文字：可用，首字 {first:.1f} 秒，共 {took:.1f} 秒")
    try:
        proposal = asked.read_data("check", messages, Proposal, asked.start())
    except ModelError as exc:
        uses = [n for n in ("rewrite", "extract") if getattr(settings.model, n)]
        write_notice(f"数据：不可用——{exc.message}（{exc.hint}）")
        if uses:
            raise
        write_line("改写措辞不受影响。")
    else:
        exact = "" if proposal.question == _PROBE else "，但没有照抄，模型可能太小"
        write_line(f"数据：可用，方式是 {_MODES[asked.mode]}{exact}")
    tokens = asked.counts.read().tokens
    write_line(f"这次检查用了约 {tokens} 个 token。" if tokens else "接口没有告知用量，TOKEN 额度不起作用。")
    if took > settings.model.timeout / 2:
        write_notice("比较慢：回答常会来不及改写；换一个快的模型，或调大 TIAOWEN_MODEL__TIMEOUT")

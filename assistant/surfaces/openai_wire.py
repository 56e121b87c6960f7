"""What OpenAI's clients send and receive: a conversation in, an answer of ours out.

What tunes a language model (temperature, stop, seed, tools that may be called …) means nothing here and is passed over.
What would have to change the answer and cannot (several answers, a forced tool call, JSON of one's own form) is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from assistant.errors import RequestInvalid
from assistant.surfaces.contract import Day, Facts
from assistant.surfaces.schema import JsonObject, answer_object
from assistant.surfaces.written import write_answer, write_below, write_pieces

if TYPE_CHECKING:
    from assistant.dialogue.answer_stream import AnswerStream

MODEL = "tiaowen"
MOST_MESSAGES = 400
MOST_QUESTIONS = 50
"""Questions of one conversation: each of them is read again where this server has not seen it lately."""

_OURS = ("region", "as_of", "facts")
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""What a language model behind an answer used is its operator's, not the caller's."""


class Unsupported(RequestInvalid):
    """A request that is well formed and asks for what there is not; `param` names the field."""

    http_status = 400

    def __init__(self, message: str, *, hint: str, param: str) -> None:
        super().__init__(message, hint=hint)
        self.param = param


class ModelNotFound(Unsupported):
    """A model name that is not ours."""

    http_status = 404


def _read_content(value: object) -> object:
    if value is None or isinstance(value, str | list):
        return value
    raise PydanticCustomError("content", "neither text nor parts")


class ChatMessage(BaseModel):
    """One message; only those of the user are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str | list[Any] | None, BeforeValidator(_read_content)] = Field(
        None, description="文字，或由 text 部分组成的列表"
    )


class StreamOptions(BaseModel):
    """What a stream carries beside the answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    include_usage: bool | None = Field(None, strict=True, description="最后再发一段用量；不计用量，都是 0")


class ChatRequest(BaseModel):
    """A conversation whose last user message is the question."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "一个班最多能坐多少人？"}],
                    "metadata": {"region": "潢川县", "as_of": "2021-12-31"},
                }
            ]
        },
    )

    model: str = Field(description=f"只有 {MODEL}")
    messages: list[ChatMessage] = Field(
        min_length=1, max_length=MOST_MESSAGES, description="整个对话；最后一条 user 消息是问题"
    )
    stream: bool | None = Field(None, strict=True, description="是否逐行发送")
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, strict=True, description="只能是 1")
    tool_choice: Any = Field(None, description="不调用工具：required 和指定的工具不接受")
    response_format: Any = Field(None, description="只能是 text")
    region: str | None = Field(
        None, max_length=100, description="地区名称或六位区划代码；也可写在 metadata 里"
    )
    as_of: Day | None = Field(None, description="按哪一天的规定回答，年-月-日；也可写在 metadata 里")
    facts: Facts | None = Field(
        None, description="已知情况：事实标识 → 值；也可写在 metadata 里，写成 JSON 文本"
    )
    metadata: dict[str, Any] | None = Field(
        None, description="可以有 region、as_of、facts，对整个对话有效；其他不读"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_metadata(cls, data: Any) -> Any:
        """What stands in `metadata` goes to its own field, where that is empty; facts there may be JSON text."""
        if not isinstance(data, dict) or not isinstance(metadata := data.get("metadata"), dict):
            return data
        given = {name: metadata[name] for name in _OURS if metadata.get(name) and data.get(name) is None}
        if isinstance(facts := given.get("facts"), str):
            with suppress(ValueError):
                given["facts"] = json.loads(facts)
        return data | given

    def read_conversation(self) -> tuple[str, tuple[str, ...]]:
        """The question, and what the asker said before it.

        Raises:
            Unsupported: there is no question, it holds more than text, or the conversation is too long.
        """
        asked = [message.content for message in self.messages if message.role == "user"]
        if not asked:
            raise Unsupported(
                "messages 里没有 user 消息", hint="最后一条 user 消息就是问题", param="messages"
            )
        if len(asked) > MOST_QUESTIONS:
            raise Unsupported(
                f"这个对话有 {len(asked)} 个问题，超过上限 {MOST_QUESTIONS} 个",
                hint="请开始新的对话",
                param="messages",
            )
        *earlier, question = map(_read_words, asked)
        if question is None:
            raise Unsupported(
                "只看得懂文字，图片、语音和文件都看不了", hint="请把问题写成文字", param="messages"
            )
        # What was refused for its pictures then is still in the conversation, and says nothing now.
        return question, tuple(text for text in earlier if text is not None)

    def check_supported(self) -> None:
        """Refuse what there is not.

        Raises:
            Unsupported: a model, a number of answers, a tool or a form that there is not.
        """
        if self.model != MODEL:
            raise ModelNotFound(f"没有这个模型：{self.model[:100]}", hint=f"模型名写 {MODEL}", param="model")
        if self.n not in (None, 1):
            raise Unsupported("一个问题只有一个回答", hint="n 写 1 或不写", param="n")
        if self.tool_choice not in (None, "none", "auto"):
            raise Unsupported("不调用工具", hint="tool_choice 写 auto、none 或不写", param="tool_choice")
        wanted = self.response_format
        if wanted is not None and (wanted.get("type") if isinstance(wanted, dict) else wanted) != "text":
            raise Unsupported(
                "回答只有文字一种格式",
                hint="response_format 不写；结构化的回答在消息的 tiaowen 和 citations 里",
                param="response_format",
            )


def _read_words(content: str | list[Any] | None) -> str | None:
    """The words of a message; None where it has more than words."""
    if not isinstance(content, list):
        return content or ""
    texts = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        if not isinstance(text, str):
            return None
        texts.append(text)
    return "\n".join(texts)


def model_object(created: int = 0) -> JsonObject:
    """Our one model."""
    return {"id": MODEL, "object": "model", "created": created, "owned_by": MODEL}


def completion_object(answer: JsonObject, created: int) -> JsonObject:
    """An answer as one completion."""
    message = {"role": "assistant", "content": write_answer(answer), "refusal": None, **_ours(answer)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_head(answer, "chat.completion", created), "choices": [choice], "usage": USAGE}


def completion_chunks(stream: AnswerStream, created: int, *, has_usage: bool) -> Iterator[JsonObject]:
    """The same in pieces: the answer line by line, what stands below it, the end with citations and data."""
    head = _head(answer_object(stream.first), "chat.completion.chunk", created)
    usage = {"usage": None} if has_usage else {}

    def chunk(delta: JsonObject, finish: str | None = None) -> JsonObject:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice], **usage}

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    if stream.answer is not None:
        yield from (chunk({"content": piece}) for piece in write_pieces(answer_object(stream.answer)))
    else:
        yield from (chunk({"content": f"\n{line}" if n else line}) for n, line in enumerate(stream))
        yield from (chunk({"content": piece}) for piece in write_below(answer_object(stream.finish())))
    yield chunk(_ours(answer_object(stream.finish())), "stop")
    if has_usage:
        yield {**head, "choices": [], "usage": USAGE}


def _head(answer: JsonObject, kind: str, created: int) -> JsonObject:
    return {
        "id": f"chatcmpl-{answer['session_id']}",
        "object": kind,
        "created": created,
        "model": MODEL,
        "system_fingerprint": answer["corpus_version"],
    }


def _ours(answer: JsonObject) -> JsonObject:
    """What OpenAI's protocol has no place for: the citations, and the rest of the object of `POST /v1/ask`."""
    rest = {name: value for name, value in answer.items() if name != "citations"}
    return {"citations": answer["citations"], "tiaowen": rest}

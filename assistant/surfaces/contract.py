"""HTTP bodies as pydantic models: what the addresses accept, and what OpenAPI says they return.

Only the request is validated with these; an answer is already a checked value, so the response
models serve the documentation (a test compares their fields with the objects of `schema`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from assistant.errors import RequestInvalid
from assistant.models import AnswerStatus, Outcome, Question
from assistant.surfaces.inbound import SESSION_PATTERN, build_question, parse_day, parse_session


def _read_day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return parse_day(value)
        except RequestInvalid:
            pass
    raise PydanticCustomError("day", "not a day")


def _read_fact(fact: object) -> object:
    """Numbers and truth values become text."""
    if isinstance(fact, bool):
        return "true" if fact else "false"
    if isinstance(fact, int) or (isinstance(fact, float) and math.isfinite(fact)):
        return str(fact)
    if isinstance(fact, str):
        return fact
    raise PydanticCustomError("fact", "not a fact")


def _read_session(name: str) -> str:
    try:
        return parse_session(name)
    except RequestInvalid as exc:
        raise PydanticCustomError("session", "not a session") from exc


Day = Annotated[date, BeforeValidator(_read_day)]
FactValue = Annotated[str, BeforeValidator(_read_fact), Field(max_length=200)]
FactId = Annotated[str, Field(max_length=64)]
MOST_FACTS = 200
Facts = Annotated[dict[FactId, FactValue], Field(max_length=MOST_FACTS)]
SessionId = Annotated[
    str, AfterValidator(_read_session), Field(json_schema_extra={"pattern": f"^{SESSION_PATTERN}$"})
]


class AskRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"question": "一个班最多能坐多少人？", "region": "潢川县"},
                {
                    "question": "高职院校一年要完成多少人次培训？",
                    "region": "410000",
                    "as_of": "2021-12-31",
                },
            ]
        },
    )

    question: str = Field(description="问题，一句话")
    session_id: SessionId | None = Field(
        None, description="会话标识：送回上次回答里的，就接着问；不填则开始新的会话"
    )
    region: str | None = Field(None, max_length=100, description="地区名称或六位区划代码；不填则不限地区")
    facts: Facts | None = Field(None, description="已知情况：事实标识 → 值")
    as_of: Day | None = Field(None, description="按哪一天的规定回答，年-月-日；不填则为今天")

    def to_question(self, today: date, new_session: Callable[[], str]) -> Question:
        """The Question of the pipeline, read at `today` where no day is named, in a new session where none is."""
        return build_question(
            self.question,
            as_of=self.as_of or today,
            region=self.region,
            session_id=self.session_id or new_session(),
            facts=self.facts,
        )


class DecideRequest(BaseModel):
    """Facts to decide a rule on."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"facts": {"class_size": 85, "teachers": 4, "class_hours": 60, "practical_hours": 36}},
                {"facts": {"班级人数": "<80", "教师数": "4..5"}, "region": "潢川县"},
            ]
        },
    )

    facts: Facts = Field(default_factory=dict, description="已知情况：事实标识或名称 → 值")
    region: str | None = Field(None, max_length=100, description="地区名称或六位区划代码；不填则不限地区")
    as_of: Day | None = Field(None, description="按哪一天的规定判断，年-月-日；不填则为今天")

    def to_question(self, today: date) -> Question:
        """The Question of the pipeline, without words."""
        return build_question("", as_of=self.as_of or today, region=self.region, facts=self.facts)


class CheckRequest(DecideRequest):
    """Facts to check a class, an institution, a person… on."""

    subject: str = Field("class", max_length=64, description="检查对象：class（培训班）、person（人员）等")
    rule: str | None = Field(None, max_length=200, description="只按这一条规则检查；不填则选最合适的")


class CitationBody(BaseModel):
    """Where a claim stands: the clause and the exact quote."""

    n: int = Field(description="正文里 [n] 的 n")
    document: str
    number: str = Field(description="文号")
    title: str
    issuer: str
    region: str
    clause: str = Field(description="条款号，如 二、（四）21.（1）")
    clause_id: str
    quote: str = Field(description="原文")
    start: int = Field(description="引文在 source 中的起点，按字符（码点）计，含")
    end: int = Field(description="终点，不含")
    clause_start: int
    clause_end: int


ANSWER_EXAMPLE: dict[str, Any] = {
    "id": "a-3f6c",
    "session_id": "rN0dWc9wT2uJr1pQe5yZxA",
    "status": "answered",
    "text": "潢川县（2021年）：每班人数不得超过80人。[1]",
    "as_of": "2026-11-21",
    "citations": [
        {
            "n": 1,
            "document": "huangchuan-2021-1",
            "number": "潢技领办〔2021〕1号",
            "title": "2021年潢川县全民技能振兴工程暨职业技能提升行动工作方案",
            "issuer": "潢川县全民技能振兴工程领导小组办公室",
            "region": "潢川县",
            "clause": "二、（四）21.（1）",
            "clause_id": "huangchuan-2021-1#2.4.21.1",
            "quote": "每班人数不得超过80人",
            "start": 5120,
            "end": 5131,
            "clause_start": 5050,
            "clause_end": 5290,
        }
    ],
    "decision": None,
    "notices": ["本文件为2021年度方案，请向经办机构确认现行规定。"],
    "corpus_version": "9f2c61d0",
    "generated": False,
}


class ValueBody(BaseModel):
    """A computed figure; a range has `low` and `high` and no `amount`."""

    amount: str | None = Field(description="精确值；除不尽的写成分数，如 85/3")
    unit: str
    bound: str = Field("==", description=">= 下限，<= 上限，~ 左右；确数不写")
    low: str | None = None
    high: str | None = None


class ParameterBody(BaseModel):
    """A figure of the law that was read."""

    id: str
    value: str
    unit: str
    cite: int | None = Field(description="依据是 citations 中的第几条")


class CheckBody(BaseModel):
    """One executed condition or term."""

    id: str
    label: str
    outcome: Outcome
    shown: str = Field(description="代入数值后的式子，如 85 > 80")
    margin: str | None = Field(description="离界限还差多少，负数为超出")
    facts: dict[str, str]
    parameters: list[ParameterBody]
    cites: list[int]
    when: str = Field(description="为什么适用或不适用")
    force: str = Field(description="must、encouraged、approximate 或 target")
    reminder: bool = Field(description="流程要求：做不到才算不符合")


class AskBody(BaseModel):
    """A fact still worth asking."""

    fact: str
    label: str
    question: str
    unit: str
    type: str = Field(description="integer、decimal、share、boolean、choice、date、name 或 names：按什么填")
    choices: list[str] = Field(description="choice 的可选值；其他类型为空")
    cites: list[int]


class RepairBody(BaseModel):
    """A change after which nothing fails."""

    set: dict[str, str] = Field(description="事实标识 → 改成的值")
    certified: bool = Field(description="是否代入后重新判断过")
    cites: list[int]
    note: str


class DecisionBody(BaseModel):
    """What the calculator found."""

    rule: str
    label: str
    outcome: Outcome
    value: ValueBody | None
    values: list[ValueBody] = Field(
        default_factory=list, description="原文不一致时的各个数值；只有一个时不写"
    )
    checks: list[CheckBody]
    ask: list[AskBody]
    repairs: list[RepairBody]
    stable_until: date | None = Field(description="结论到哪一天为止；不知道有变化时为 null")


class AnswerBody(BaseModel):
    """An answer, a question back, or a refusal; always with its citations."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    id: str
    session_id: str = Field(
        description="会话标识，下次提问时送回就接着问；没有会话的（如直接判断一条规则）为空"
    )
    status: AnswerStatus
    text: str = Field(description="回答；每个 [n] 都对应 citations 中的一条")
    as_of: date
    citations: list[CitationBody]
    decision: DecisionBody | None
    notices: list[str]
    corpus_version: str
    generated: bool = Field(description="是否由语言模型措辞")


class FieldFault(BaseModel):
    """One field of the request and what is wrong with it."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details, in Chinese, with the remedy in `hint`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:tiaowen:request-invalid",
                    "title": "请求有误",
                    "status": 422,
                    "detail": "question：缺少这个字段",
                    "hint": "按 /openapi.json 中的格式改正后重试",
                    "errors": [{"field": "question", "message": "缺少这个字段"}],
                    "request_id": "5f2c8a1e9b3d7c60",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    hint: str
    errors: list[FieldFault] = Field(default_factory=list)
    request_id: str | None = Field(None, description="请求编号，报告问题时附上")

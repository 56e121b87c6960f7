"""The Model Context Protocol: hosts of language models search the clauses, ask and compute, and cannot change anything.

A tool gives the object of the HTTP API as structured content, and the same as one text for hosts that read no other.
What goes wrong comes back as the tool's own error, in Chinese, for the model to read and correct. The package `mcp` is an
extra, so this module is imported only where somebody speaks the protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ResourceNotFoundError,
    ToolError,
    UnexpectedResourceError,
    UnexpectedToolError,
)
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import Field, ValidationError

from assistant import __version__
from assistant.errors import TiaowenError
from assistant.models import Answer
from assistant.surfaces import inbound, schema, schema_rules
from assistant.surfaces.contract import AnswerBody, Day, Facts, SessionId
from assistant.surfaces.contract_clauses import ClauseBody, RulesBody, SearchBody
from assistant.surfaces.mcp_source import McpSource
from assistant.surfaces.problems import tell_error, tell_faults
from assistant.surfaces.written import write_answer, write_clause, write_rules, write_search

if TYPE_CHECKING:
    from assistant.app import Assistant

NAME = "tiaowen"
INSTRUCTIONS = (
    "职业培训政策逐条问答。ask 回答政策问题，check_class 检查一个培训班合不合要求，compute 按一条规则计算，"
    "search_clauses 和 get_clause 查条款原文，list_rules 列出规则。每个结论都带条款号和原文，转述时请保留；"
    "status 为 refused 就是文件里没有依据，请照实说，不要另外作答。"
)
FAILED = "服务器出错了，已记录；请稍后重试"
_JSON = "application/json"
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

Region = Annotated[
    str | None, Field(max_length=100, description="地区名称或六位区划代码，如 潢川县；不填则不限地区")
]
AsOf = Annotated[Day | None, Field(description="按哪一天的规定，年-月-日；不填则为今天")]
Given = Annotated[
    Facts | None, Field(description='已知情况：事实名称或标识 → 值，如 {"班级人数": "85"}；不知道的不要填')
]
Document = Annotated[str | None, Field(max_length=100, description="只查这个文件，填文件编号")]
Kind = Annotated[
    str, Field(max_length=20, description=f"只列这一种：{'、'.join(schema_rules.KINDS.values())}")
]


class PolicyServer(MCPServer):
    """Words errors in Chinese, and tells a caller of arguments that there are not."""

    async def list_tools(self) -> list[Tool]:
        """The tools; their schemas say that there are no other arguments."""
        closed = {"additionalProperties": False}
        return [
            tool.model_copy(update={"input_schema": tool.input_schema | closed})
            for tool in await super().list_tools()
        ]

    def new_manager(self) -> StreamableHTTPSessionManager:
        """What serves one HTTP request, and remembers nothing of it."""
        return StreamableHTTPSessionManager(self._lowlevel_server, json_response=True, stateless=True)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> Any:
        """Call a tool; whatever goes wrong is a ToolError for the caller to read."""
        by_name = {tool.name: tool for tool in await self.list_tools()}
        if name not in by_name:
            raise ToolError(f"没有这个工具：{name[:100]}（现有工具：{'、'.join(by_name)}）")
        known = by_name[name].input_schema["properties"]
        if unknown := [argument for argument in arguments if argument not in known]:
            raise ToolError(f"不认识的参数：{'、'.join(unknown)[:200]}（可用：{'、'.join(known)}）")
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as exc:
            cause = exc.__cause__
            if (told := _tell(cause)) is not None:
                raise ToolError(told) from cause
            raise UnexpectedToolError(FAILED) from cause

    async def read_resource(self, uri: Any, context: Context[Any, Any] | None = None) -> Any:
        """Read a resource; whatever goes wrong is a ResourceError for the caller to read."""
        try:
            return await super().read_resource(uri, context)
        except ResourceNotFoundError as exc:
            raise ResourceNotFoundError(f"没有这个资源：{str(uri)[:200]}") from exc
        except ResourceError as exc:
            cause = exc.__cause__
            if isinstance(cause, inbound.NotFound):
                raise ResourceNotFoundError(_tell(cause) or FAILED) from cause
            if (told := _tell(cause)) is not None:
                raise ResourceError(told) from cause
            raise UnexpectedResourceError(FAILED) from cause


def _tell(cause: BaseException | None) -> str | None:
    """What is wrong and the remedy; None for a fault of the program."""
    if isinstance(cause, ValidationError):
        return tell_faults(cause.errors())
    return tell_error(cause) if isinstance(cause, TiaowenError) else None


def build_server(source: McpSource) -> PolicyServer:
    """The server with its tools and resources, for whichever transport."""
    server = PolicyServer(
        NAME,
        title="条问 Tiaowen",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
        subscriptions=False,
    )
    for add_part in (_add_clause_tools, _add_answer_tools, _add_check_tools, _add_rule_tools, _add_resources):
        add_part(server, source)
    return server


def _add_clause_tools(server: MCPServer, source: McpSource) -> None:
    @server.tool(
        title="检索条款",
        description="按相关程度列出政策条款，给出文件、条款号、条款标识和文字。",
        annotations=_READ_ONLY,
    )
    def search_clauses(
        query: Annotated[str, Field(max_length=2000, description="检索词或一句话，如 实操培训课时")],
        region: Region = None,
        document: Document = None,
        k: Annotated[int, Field(ge=1, le=100, description="最多返回几条")] = 10,
    ) -> Annotated[CallToolResult, SearchBody]:
        assistant = source.find_assistant()
        passages = inbound.search_clauses(assistant, query, region=region, document=document, top_k=k)
        found = schema.search_object(assistant, query, passages)
        return _result(found, write_search(found))

    @server.tool(
        title="一个条款",
        description="按条款标识取一个条款：所属文件、标题路径和一字不差的原文。",
        annotations=_READ_ONLY,
    )
    def get_clause(
        clause_id: Annotated[
            str, Field(max_length=200, description="条款标识，如 huangchuan-2021-1#2.4.21.1")
        ],
    ) -> Annotated[CallToolResult, ClauseBody]:
        clause = _clause_object(source.find_assistant(), clause_id)
        return _result(clause, write_clause(clause))


def _add_answer_tools(server: MCPServer, source: McpSource) -> None:
    @server.tool(
        title="提问",
        description="回答一个职业培训政策问题，每个结论都带条款号和原文；文件里没有依据时拒答（status 为 refused）。",
        annotations=_READ_ONLY,
    )
    def ask(
        question: Annotated[str, Field(description="一句话的问题，如 一个班最多能坐多少人？")],
        region: Region = None,
        as_of: AsOf = None,
        facts: Given = None,
        session_id: Annotated[
            SessionId | None, Field(description="接着上一问时，填上次回答里的 session_id；不填则开始新的会话")
        ] = None,
    ) -> Annotated[CallToolResult, AnswerBody]:
        if session_id and source.throttle:
            source.throttle.check("session", session_id)
        asked = inbound.build_question(
            question,
            as_of=as_of or source.today(),
            region=region,
            session_id=session_id or source.new_session(),
            facts=facts,
        )
        return _answer_result(source.find_assistant().ask(asked))


def _add_check_tools(server: MCPServer, source: McpSource) -> None:
    @server.tool(
        title="检查一个培训班",
        description="按当地最合适的规则检查一个班（或机构、人员等），逐项给出是否符合、算式、依据和改法；"
        "缺的情况列在 decision.ask 里，不会猜。",
        annotations=_READ_ONLY,
    )
    def check_class(
        facts: Given = None,
        region: Region = None,
        as_of: AsOf = None,
        subject: Annotated[
            str, Field(max_length=64, description="检查对象：class（培训班）、person（人员）等")
        ] = "class",
        rule: Annotated[
            str | None, Field(max_length=200, description="只按这一条规则检查；不填则选最合适的")
        ] = None,
    ) -> Annotated[CallToolResult, AnswerBody]:
        assistant = source.find_assistant()
        question = inbound.build_question("", as_of=as_of or source.today(), region=region, facts=facts)
        if rule:
            key = inbound.find_rule(assistant.calculator.book, rule)
            return _answer_result(assistant.decide(key, question))
        return _answer_result(assistant.check(question, subject))

    @server.tool(
        title="按一条规则计算",
        description="按一条规则计算或判断，如年度培训任务、公示期；规则标识用 list_rules 查。"
        "缺的情况列在 decision.ask 里，不会猜。",
        annotations=_READ_ONLY,
    )
    def compute(
        rule: Annotated[str, Field(max_length=200, description="规则标识，如 annual-training-target")],
        facts: Given = None,
        region: Region = None,
        as_of: AsOf = None,
    ) -> Annotated[CallToolResult, AnswerBody]:
        assistant = source.find_assistant()
        question = inbound.build_question("", as_of=as_of or source.today(), region=region, facts=facts)
        key = inbound.find_rule(assistant.calculator.book, rule)
        return _answer_result(assistant.decide(key, question))


def _add_rule_tools(server: MCPServer, source: McpSource) -> None:
    @server.tool(
        title="规则列表",
        description="列出可以用 compute 计算或判断的规则，及每条要问的事实。",
        annotations=_READ_ONLY,
    )
    def list_rules(
        region: Region = None,
        document: Document = None,
        subject: Annotated[str, Field(max_length=64, description="只列这类对象的，如 class")] = "",
        kind: Kind = "",
    ) -> Annotated[CallToolResult, RulesBody]:
        assistant = source.find_assistant()
        if document:
            inbound.find_document(assistant.corpus, document)
        lineage = assistant.lineage((region or "").strip() or None)
        wanted = schema_rules.RuleFilter(document or "", subject, kind, lineage)
        book = assistant.calculator.book
        listed = schema_rules.rules_object(book, assistant.regions, wanted, assistant.corpus_version)
        return _result(listed, write_rules(listed))


def _add_resources(server: MCPServer, source: McpSource) -> None:
    @server.resource(
        "tiaowen://documents", title="文件列表", description="已收录的全部文件。", mime_type=_JSON
    )
    def documents() -> str:
        assistant = source.find_assistant()
        return schema.dump_json(schema.documents_object(assistant.corpus, assistant.regions))

    @server.resource(
        "tiaowen://documents/{document_id}",
        title="一个文件",
        description="文件的元数据、各部分、全部条款和原文。",
        mime_type=_JSON,
    )
    def document(document_id: str) -> str:
        assistant = source.find_assistant()
        found = inbound.find_document(assistant.corpus, document_id)
        return schema.dump_json(schema.document_object(found, assistant.regions))

    @server.resource(
        "tiaowen://clauses/{document_id}/{path}",
        title="一个条款",
        description="所属文件、标题路径和原文；path 是条款标识里 # 后面的部分。",
        mime_type=_JSON,
    )
    def clause(document_id: str, path: str) -> str:
        return schema.dump_json(_clause_object(source.find_assistant(), f"{document_id}#{path}"))


def _clause_object(assistant: Assistant, clause_id: str) -> schema.JsonObject:
    clause = inbound.find_clause(assistant.corpus, clause_id)
    document = inbound.find_document(assistant.corpus, clause.document)
    return schema.clause_object(clause, document, assistant.regions)


def _answer_result(answer: Answer) -> CallToolResult:
    given = schema.answer_object(answer)
    return _result(given, write_answer(given))


def _result(value: schema.JsonObject, text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=value)

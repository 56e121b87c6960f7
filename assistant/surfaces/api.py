"""The HTTP API and the page: requests in, values of the pipeline out, nothing decided here.

Handlers are plain `def`, so the framework runs them in its threads and the event loop stays free.
The assistant is asked for on every request through `assistant_source`, so a server that was started
without an index begins to answer as soon as there is one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from assistant import __version__
from assistant.config import ServerSettings
from assistant.errors import TiaowenError
from assistant.surfaces import (
    api_ask,
    api_channels,
    api_feedback,
    api_metrics,
    api_openai,
    api_rules,
    api_widget,
    inbound,
    problems,
    schema,
)
from assistant.surfaces.access import Access
from assistant.surfaces.door import MCP_PATH, CrossOrigin, Limits
from assistant.surfaces.edge import UPLOAD_PATH, UPLOADS, BodyLimit, SecureEdge
from assistant.surfaces.mcp_http import McpEndpoint
from assistant.surfaces.mcp_source import McpSource
from assistant.surfaces.openai_wire import Unsupported
from assistant.surfaces.proxies import ProxyHeaders
from assistant.surfaces.readiness import StoreProbe, describe_readiness
from assistant.surfaces.replies import Region, find_assistant, json_reply, problem_docs
from assistant.surfaces.staff import (
    answers,
    batch,
    check,
    corpus,
    corpus_drafts,
    desk,
    exports,
    forms,
    progress,
    review,
    sign_in,
    timeline,
    widget_page,
)
from assistant.surfaces.watching.questions import Watch
from assistant.surfaces.watching.requests import WatchRequests
from assistant.surfaces.watching.state import StateCollector
from assistant.surfaces.web import assets, home, reader

if TYPE_CHECKING:
    from assistant.app import Assistant

    AssistantSource = Callable[[], Assistant]

LONGEST_QUERY = 2000
DESCRIPTION = "职业培训政策逐条问答：每个结论都带条款和原文。内容仅供参考，以经办机构审核为准。"

PAGES = (
    *(assets, home, reader, sign_in, desk),
    *(check, forms, timeline, batch, progress, review, answers, widget_page, corpus, corpus_drafts),
)

router = APIRouter()


def create_app(
    assistant_source: AssistantSource,
    *,
    server: ServerSettings | None = None,
    today: Callable[[], date] = date.today,
    new_session: Callable[[], str] = inbound.new_session,
    secret: str | None = None,
    access: Access | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        assistant_source: returns the opened assistant, or raises what `/readyz` is to say.
        server: sizes of bodies and the proxies in front; None takes the defaults.
        today: the day questions are read at where they name none.
        new_session: makes the session of a question that names none; nobody must be able to guess it.
        secret: what cookies and tokens are signed with, where `access` does not say; None makes one for this process.
        access: keys, tokens and limits; None takes the keys and tokens of the assistant's store, and no limits.
    """
    server = server or ServerSettings()
    access = access or Access(
        lambda: assistant_source().store.registry, secret=secret or secrets.token_urlsafe(32), server=server
    )
    app = FastAPI(
        title="条问 Tiaowen",
        description=DESCRIPTION,
        version=__version__,
        docs_url=None,  # both pages load scripts from a third party
        redoc_url=None,
        # The framework's own spans and logs hold addresses and the words of errors; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.assistant_source = assistant_source
    app.state.access = access
    app.state.watch = watch = Watch()
    watch.meter.registry.register(StateCollector(assistant_source, access.throttle))
    app.state.store_probe = StoreProbe()
    app.state.channels = None  # see `api_channels.attach_channels`
    app.state.today = today
    app.state.now = lambda: datetime.now(UTC)
    app.state.new_session = new_session
    app.include_router(api_ask.router)
    app.include_router(router)
    for part in (api_channels, api_rules, api_feedback, api_widget, api_openai, api_metrics, *PAGES):
        app.include_router(part.router)
    source = McpSource(assistant_source, today, new_session, access.throttle)
    app.router.routes.append(Route(MCP_PATH, McpEndpoint(source, access), methods=["POST"]))
    app.add_exception_handler(TiaowenError, problems.on_tiaowen_error)
    app.add_exception_handler(Unsupported, api_openai.on_unsupported)
    app.add_exception_handler(sign_in.SignInRequired, sign_in.on_sign_in_required)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_validation_error)
    _add_layers(app, server, access, watch)
    return app


def _add_layers(app: FastAPI, server: ServerSettings, access: Access, watch: Watch) -> None:
    """What stands around the application, the innermost first."""
    app.add_middleware(exports.NoteExports, access=access)
    uploads = {**UPLOADS, UPLOAD_PATH: server.max_upload}
    app.add_middleware(BodyLimit, max_body=server.max_body, uploads=uploads)
    app.add_middleware(Limits, access=access)
    app.add_middleware(CrossOrigin, access=access)
    app.add_middleware(ProxyHeaders, proxies=server.proxies)
    app.add_middleware(SecureEdge)
    app.add_middleware(WatchRequests, watch=watch)


@router.get(
    "/v1/search",
    summary="检索条款",
    description="按相关程度排列的条款及分数。",
    responses=problem_docs(401, 403, 422, 429, 500, 503),
)
def search(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="检索词", examples=["每班人数"])],
    region: Region = None,
    document: Annotated[str | None, Query(max_length=100, description="只查这个文件")] = None,
    k: Annotated[int, Query(ge=1, le=100, description="最多返回几条")] = 10,
) -> Response:
    """Rank clauses for a query."""
    assistant = find_assistant(request)
    passages = inbound.search_clauses(assistant, q, region=region, document=document, top_k=k)
    return json_reply(schema.search_object(assistant, q, passages))


@router.get(
    "/v1/documents",
    summary="文件列表",
    description="已收录的全部文件。",
    responses=problem_docs(401, 403, 500, 503),
)
def list_documents(request: Request) -> Response:
    """List the documents."""
    assistant = find_assistant(request)
    return json_reply(schema.documents_object(assistant.corpus, assistant.regions))


@router.get(
    "/v1/documents/{document_id}",
    summary="一个文件",
    description="文件的元数据、各部分、全部条款和原文 source。",
    responses=problem_docs(401, 403, 404, 422, 500, 503),
)
def get_document(
    document_id: Annotated[str, Path(description="文件标识", examples=["huangchuan-2021-1"])],
    request: Request,
) -> Response:
    """Give one document with its clauses."""
    assistant = find_assistant(request)
    document = inbound.find_document(assistant.corpus, document_id)
    return json_reply(schema.document_object(document, assistant.regions))


@router.get(
    "/v1/clauses/{clause_id:path}",
    summary="一个条款",
    description="所属文件、标题路径、整理后的文字和 source 原文。"
    "条款标识里的 # 写成 %23 或 /：`/v1/clauses/huangchuan-2021-1%232.4.21.1`、"
    "`/v1/clauses/huangchuan-2021-1/2.4.21.1`。",
    responses=problem_docs(401, 403, 404, 422, 500, 503),
)
def get_clause(
    clause_id: Annotated[str, Path(description="条款标识", examples=["huangchuan-2021-1/2.4.21.1"])],
    request: Request,
) -> Response:
    """Give one clause."""
    assistant = find_assistant(request)
    clause = inbound.find_clause(assistant.corpus, clause_id)
    document = inbound.find_document(assistant.corpus, clause.document)
    return json_reply(schema.clause_object(clause, document, assistant.regions))


@router.get(
    "/v1/regions",
    summary="有文件的地区",
    description="已收录文件的地区，及每个地区自己的文件。",
    responses=problem_docs(401, 403, 500, 503),
)
def list_regions(request: Request) -> Response:
    """List the regions that have documents."""
    assistant = find_assistant(request)
    return json_reply(schema.regions_object(assistant.corpus, assistant.regions))


@router.get("/healthz", summary="进程是否活着", description="只说明进程在运行。")
def healthz() -> Response:
    """Say that the process runs."""
    return json_reply({"status": "ok"})


@router.get(
    "/readyz",
    summary="能否回答问题",
    description="索引可用时返回 200；degraded 列出暂时不可用、不影响回答的部分：store（数据库）、limits（限流用的 Redis）、"
    "vectors（Chroma）；warnings 是需要运维处理的情况。",
    responses=problem_docs(500, 503),
)
def readyz(request: Request) -> Response:
    """Say whether questions can be answered, and what the operator should know."""
    assistant = find_assistant(request)
    state = request.app.state
    return json_reply(describe_readiness(assistant, state.store_probe, state.access.throttle))

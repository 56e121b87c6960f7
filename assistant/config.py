"""Settings: prefix `TIAOWEN_`, sections joined by `__`, `.env` read from the working directory.

pydantic-settings ignores a mistyped section name in the environment, which would leave an operator with
a default he believes he changed; so unknown `TIAOWEN_*` names are refused here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.config_values import AesKey, Networks, Rate, Section, WebAddress, WebhookSecret
from assistant.errors import ConfigError

PREFIX = "TIAOWEN_"
PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The folder `corpus` or `prompts`: beside the package in a checkout, inside it in a wheel."""
    packed = PACKAGE / "_data" / name
    return packed if packed.is_dir() else PACKAGE.parent / name


def default_index_dir() -> Path:
    """`indexes/` of a checkout; the user's data folder where the package is installed."""
    checkout = PACKAGE.parent / "indexes"
    return checkout if checkout.is_dir() else Path(platformdirs.user_data_dir("tiaowen")) / "indexes"


def default_store_url() -> str:
    """`data/tiaowen.db` of a checkout, which git ignores; in the user's data folder where it is installed.

    Not beside the indexes: those may be deleted and built again, conversations may not.
    """
    is_checkout = (PACKAGE.parent / "indexes").is_dir()
    folder = PACKAGE.parent / "data" if is_checkout else Path(platformdirs.user_data_dir("tiaowen"))
    return f"sqlite:///{folder / 'tiaowen.db'}"


class RetrievalSettings(Section):
    """How clauses are found."""

    embedder: str = Field(
        "static",
        description="`static` (shipped with the package), a folder with an ONNX model (onnx/model.onnx or model.onnx,"
        " tokenizer.json), or a sentence-transformers model name or folder",
    )
    vectors: Literal["auto", "chroma", "exact"] = Field(
        "auto",
        description="who answers vector queries: Chroma, an exact scan of vectors.npy, or auto: the scan while"
        " it is the faster one (up to 200,000 chunks), then Chroma",
    )
    chroma_url: str | None = Field(
        None, description="http(s) URL of a Chroma server; unset: Chroma embedded in this process"
    )
    bm25_weight: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of BM25 in the normalised sum where both legs are equally sure; the rest is the vectors'",
    )
    candidates: int = Field(100, ge=10, le=1000, description="passages each leg hands to the fusion, count")
    reranker: str | None = Field(
        None, description="name or folder of a sentence-transformers cross-encoder; unset: none"
    )
    kept_generations: int = Field(
        2,
        ge=2,
        le=1000,
        description="index generations kept, the one that serves included, count; an old answer can be made again"
        " exactly while its own is kept",
    )
    reranked: int = Field(
        20, ge=1, le=200, description="passages that the reranker orders anew, from the first, count"
    )


class StoreSettings(Section):
    """Where conversations are kept."""

    url: str = Field(
        default_factory=default_store_url,
        description="database of the conversations: `sqlite:///` and a file, which is made where it is missing,"
        " or postgresql://user@host/name",
    )
    retention_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="days after which turns go, with their answers and votes; 0 keeps them for ever",
    )
    audit_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="days after which the audit of the staff's deeds goes; 0 keeps it for ever",
    )


class ServerSettings(Section):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port; 0 takes a free one")
    workers: int = Field(
        1, ge=1, le=64, description="processes of `tiaowen serve` that answer behind the one port, count"
    )
    max_body: int = Field(65536, ge=1024, description="largest request body, bytes")
    max_upload: int = Field(
        20_971_520, ge=65536, description="largest workbook that `/v1/check/batch` takes, bytes"
    )
    public_url: WebAddress = Field(
        None, description="address that browsers reach this server at, such as https://wen.example.gov.cn"
    )
    proxies: Networks = Field(
        "",
        description="reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or"
        " networks (CIDR), separated by commas",
    )
    metrics: Literal["local", "open", "off"] = Field(
        "local",
        description="who may read /metrics: local (this computer, or whoever shows a staff key), open (everybody), off",
    )


class LimitSettings(Section):
    """How often one caller may do what; a rate is `count/period`, an empty one is no limit."""

    ask: Rate = Field(
        "120/minute", description="questions, for each client address; an office has one for all"
    )
    session: Rate = Field("20/minute", description="questions, for each conversation")
    search: Rate = Field("600/minute", description="searches and votes, for each client address")
    sign_in: Rate = Field("10/minute", description="attempts to sign in, for each client address")
    widget: Rate = Field("120/minute", description="sessions of the widget opened, for each client address")
    chat: Rate = Field("30/minute", description="messages of a messenger, for each chat")
    storage: SecretStr | None = Field(
        None,
        description="where several processes count together: redis://host:6379/0; unset: each process for itself",
    )


class StaffSettings(Section):
    """The staff desk."""

    templates: Path | None = Field(
        None, description="folder whose Word templates are used instead of the shipped ones of the same name"
    )


class TelegramSettings(Section):
    """The Telegram bot."""

    token: SecretStr | None = Field(None, description="bot token from @BotFather; unset: no bot")
    base_url: str = Field("https://api.telegram.org/bot", description="Bot API address before the token")
    webhook_secret: WebhookSecret = Field(
        None,
        description="secret of the webhook, 16 to 256 letters, digits, _ or -; set: `tiaowen serve` answers at"
        " /channels/telegram below public_url; unset: `tiaowen bot telegram` polls",
    )


class WecomSettings(Section):
    """A WeCom (企业微信) app; answers at /channels/wecom once `token` is set."""

    token: SecretStr | None = Field(None, description="Token of the app's callback; unset: no app")
    aes_key: AesKey = Field(None, description="EncodingAESKey of the app's callback, 43 characters")
    corp_id: str = Field("", description="id of the company, such as wx5823bf96d3bd56c7")
    agent_id: int = Field(0, ge=0, description="AgentId of the app; needed to write later than 5 s")
    secret: SecretStr | None = Field(
        None, description="Secret of the app; unset: what does not fit into the reply is read on with 继续"
    )
    api_url: WebAddress = Field("https://qyapi.weixin.qq.com", description="address of the WeCom API")


class WechatSettings(Section):
    """A WeChat official account (微信公众号); answers at /channels/wechat once `token` is set."""

    token: SecretStr | None = Field(None, description="Token of the server configuration; unset: no account")
    app_id: str = Field("", description="AppID of the account, such as wx5823bf96d3bd56c7")
    aes_key: AesKey = Field(
        None, description="EncodingAESKey, 43 characters; set: only encrypted messages are taken"
    )
    secret: SecretStr | None = Field(
        None,
        description="AppSecret of an account that may send customer-service messages; unset: what does not fit"
        " into the reply is read on with 继续",
    )
    api_url: WebAddress = Field("https://api.weixin.qq.com", description="address of the WeChat API")


class ModelSettings(Section):
    """A language model that words what clauses and calculator have decided; off while `name` is unset."""

    name: str | None = Field(
        None, min_length=1, description="name of the model, such as deepseek-chat; unset: no model is used"
    )
    provider: str = Field(
        "openai",
        description="who speaks its protocol, as LangChain's init_chat_model names it; openai fits every"
        " OpenAI-style address",
    )
    base_url: WebAddress = Field(
        None,
        description="address of the model's API, such as https://api.deepseek.com/v1; unset: the provider's",
    )
    api_key: SecretStr | None = Field(None, description="key of the API; unset: none is needed")
    word: bool = Field(True, description="let the model word answers; every sentence is checked")
    rewrite: bool = Field(
        False, description="let the model put a question that found nothing into other words; it is told"
    )
    extract: bool = Field(
        False, description="let the model point out facts in the asker's words; they are told and read by us"
    )
    timeout: float = Field(
        8.0, gt=0, le=120, description="time for all the model does for one answer, seconds; then without it"
    )
    concurrent: int = Field(4, ge=1, le=256, description="calls at the same time, for each process, count")
    retries: int = Field(1, ge=0, le=5, description="further attempts of a call that failed, count")
    daily_calls: int | None = Field(
        None, ge=0, description="calls of all processes on one day; unset: no limit"
    )
    daily_tokens: int | None = Field(
        None, ge=0, description="tokens of all processes on one day; unset: no limit"
    )
    structured: Literal["auto", "json_schema", "function_calling", "text"] = Field(
        "auto",
        description="how the model gives data: auto tries the others in this order and keeps what works",
    )


class OtelSettings(Section):
    """OpenTelemetry; needs the extra `otel`."""

    endpoint: WebAddress = Field(
        None,
        description="OTLP/HTTP address that spans of requests and stages are sent to, such as"
        " http://127.0.0.1:4318; unset: none are made",
    )


class Settings(BaseSettings):
    """Everything an operator may set; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file=".env", frozen=True, extra="forbid"
    )

    corpus_dir: Path = Field(
        default_factory=lambda: data_dir("corpus"), description="folder that holds documents/"
    )
    index_dir: Path = Field(default_factory=default_index_dir, description="folder for built indexes")
    index_share: Path | None = Field(
        None,
        description="folder that several machines see: `tiaowen index` publishes what it built there, and running"
        " processes take over what is new; unset: none",
    )
    max_question: int = Field(2000, ge=10, le=20000, description="longest question, characters")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING",
        description="least severe message that is logged; from INFO on also a line for each request",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="what a log line looks like: text, or one JSON object a line"
    )
    retrieval: RetrievalSettings = RetrievalSettings()
    store: StoreSettings = Field(default_factory=StoreSettings)
    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    staff: StaffSettings = StaffSettings()
    otel: OtelSettings = OtelSettings()
    telegram: TelegramSettings = TelegramSettings()
    wecom: WecomSettings = WecomSettings()
    wechat: WechatSettings = WechatSettings()
    model: ModelSettings = ModelSettings()


@cache
def setting_names() -> frozenset[str]:
    """Every environment name that means something, such as `TIAOWEN_SERVER__PORT`."""
    names = set()
    for name, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, Section):
            names |= {f"{PREFIX}{name}__{field}".upper() for field in section.model_fields}
        names.add(f"{PREFIX}{name}".upper())
    return frozenset(names)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment and `.env`.

    Args:
        environ: names to check against the known ones; None takes the process environment.

    Raises:
        ConfigError: a name is unknown or a value out of range; every offender is named.
    """
    names = os.environ if environ is None else environ
    unknown = sorted(n for n in names if n.upper().startswith(PREFIX) and n.upper() not in setting_names())
    if unknown:
        raise ConfigError(f"不认识的设置：{'、'.join(unknown)}", hint="运行 tiaowen config 查看全部设置名")
    try:
        return Settings()
    except ValidationError as exc:
        faults = "；".join(
            f"{PREFIX}{'__'.join(str(p) for p in e['loc']).upper()}：{e['msg']}" for e in exc.errors()
        )
        raise ConfigError(f"设置有误：{faults}", hint="对照 .env.example 修改") from exc

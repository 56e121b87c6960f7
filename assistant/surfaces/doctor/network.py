"""The port, the address that browsers use, the proxies in front, the clock."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from assistant.config import ServerSettings
from assistant.errors import ConfigError, IndexStale
from assistant.surfaces.doctor.finding import Checkup, Finding, failed, fine, unused, warned

_MOST_SKEW_SECONDS = 30.0
_REASONS = {
    errno.EADDRINUSE: "已被别的程序占用",
    errno.EACCES: "没有权限（1024 以下的端口要管理员）",
    errno.EADDRNOTAVAIL: "这不是本机的地址",
}
_EVERYBODY = 8  # bits: a network as large as this is no list of proxies


def check_port(checkup: Checkup) -> Iterator[Finding]:
    """Whether the port is free, or it is us who answer there; then what that server says of itself."""
    server = checkup.settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)
    if server.port == 0:
        yield fine("端口", "每次任选一个空闲端口")
        return
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{server.port}"
    found = _ask(f"{address}/readyz", checkup.patience)
    if isinstance(found, httpx.Response) and "x-request-id" in found.headers:
        yield fine("端口", f"{server.host}:{server.port} 上运行着条问")
        yield from _tell_server(found, checkup.clock)
        return
    if fault := _try_port(server.host, server.port):
        remedy = "停掉占用端口的程序，或换一个端口：TIAOWEN_SERVER__PORT、tiaowen serve --port"
        yield failed("端口", f"{server.host}:{server.port} 不能用：{fault}", remedy, ConfigError.exit_code)
    else:
        yield fine("端口", f"{server.host}:{server.port} 空闲（服务没有在运行）")


def _tell_server(reply: httpx.Response, clock: Callable[[], float]) -> Iterator[Finding]:
    try:
        body = reply.json()
    except ValueError:
        body = {}
    if reply.status_code != httpx.codes.OK:
        told = f"还不能回答：{body.get('detail', reply.status_code)}"
        yield failed("运行中的服务", told, body.get("hint", "查看服务的日志"), IndexStale.exit_code)
    elif body.get("warnings") or body.get("problems"):
        told = "；".join([*body["warnings"], *body["problems"]])
        yield warned("运行中的服务", told, "按提示处理")
    else:
        yield fine("运行中的服务", f"能回答，文件库 {body.get('corpus_version', '?')}")
    if date := reply.headers.get("date"):
        ahead = parsedate_to_datetime(date).timestamp() - clock()
        if abs(ahead) > _MOST_SKEW_SECONDS:
            yield warned("服务时钟", f"与本命令相差 {abs(ahead):.0f} 秒", "检查系统时间")


def check_address(checkup: Checkup) -> Iterator[Finding]:
    """Whether what is said about the way in fits together."""
    server = checkup.settings.server
    yield from _check_public(server)
    yield from _check_proxies(server)
    if server.metrics == "open" and not _is_loopback(server.host):
        yield warned(
            "指标", "/metrics 对任何人开放", "设 TIAOWEN_SERVER__METRICS=local，或在防火墙上限制来源"
        )


def _check_public(server: ServerSettings) -> Iterator[Finding]:
    if server.public_url is None:
        if _is_loopback(server.host):
            yield fine("公网地址", f"没有设置；只在本机 {server.host} 监听")
        else:
            remedy = "放在带 https 的反向代理后面，设 TIAOWEN_SERVER__PUBLIC_URL 和 TIAOWEN_SERVER__PROXIES"
            yield warned("公网地址", f"在 {server.host} 监听，别的机器能直接用 http 访问", remedy)
    elif urlsplit(server.public_url).scheme == "http" and not _is_loopback(
        urlsplit(server.public_url).hostname or ""
    ):
        remedy = "给反向代理装上证书，地址改成 https：登录密钥和提问都会经过网络"
        yield warned("公网地址", f"{server.public_url} 没有加密", remedy)
    else:
        yield fine("公网地址", server.public_url)


def _check_proxies(server: ServerSettings) -> Iterator[Finding]:
    networks = [ipaddress.ip_network(text.strip()) for text in server.proxies.split(",") if text.strip()]
    wide = [str(network) for network in networks if network.prefixlen < _EVERYBODY]
    if wide:
        remedy = "只写反向代理自己的地址：不然谁都能冒充别人的地址，绕过限流"
        yield failed("反向代理", f"可信范围太大：{'、'.join(wide)}", remedy, ConfigError.exit_code)
    elif networks:
        yield fine("反向代理", f"只信 {server.proxies}")
    elif server.public_url and server.public_url.startswith("https:"):
        remedy = "设 TIAOWEN_SERVER__PROXIES 为反向代理的地址；不然所有人算一个地址，一起被限流"
        yield warned("反向代理", "公网地址是 https，却没有写反向代理", remedy)
    else:
        yield unused("反向代理", "没有设置")


def check_reachable(checkup: Checkup) -> Iterator[Finding]:
    """Whether the public address answers, with a certificate that holds, and what time it is there."""
    address = checkup.settings.server.public_url
    if address is None:
        return
    found = _ask(f"{address}/healthz", checkup.patience)
    if not isinstance(found, httpx.Response):
        remedy = "检查域名解析、证书、反向代理和防火墙；从本机访问不了自己的公网地址时，换一台机器试"
        yield warned("公网访问", f"{address} 访问不到：{found}", remedy)
    elif found.status_code != httpx.codes.OK or "x-request-id" not in found.headers:
        remedy = "检查反向代理把请求转到哪里；条问要收到原来的 Host"
        yield warned("公网访问", f"{address} 回答的不是条问（{found.status_code}）", remedy)
    else:
        yield fine("公网访问", f"{address} 由条问回答")


def _ask(address: str, patience: float) -> httpx.Response | str:
    """The reply; or what went wrong, in a word."""
    try:
        return httpx.get(address, timeout=patience, headers={"accept": "application/json"}, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
        return type(exc).__name__


def _try_port(host: str, port: int) -> str:
    """Why nobody can listen there; empty where one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(1)
    except OSError as exc:
        return _REASONS.get(exc.errno or 0) or exc.strerror or str(exc)
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

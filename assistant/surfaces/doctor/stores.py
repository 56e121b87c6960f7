"""What is kept, and where several processes meet: the database, Redis, the Chroma server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.errors import ConfigError, StoreError
from assistant.surfaces.doctor.finding import Checkup, Finding, broken, failed, fine, size_of, unused, warned

if TYPE_CHECKING:
    from assistant.store.store import Store
    from assistant.store.upkeep import StoreInfo

_MOST_SKEW_SECONDS = 30.0
_LITTLE_ROOM, _NO_ROOM = 2**30, 100 * 2**20
_LARGEST_CHECKED = 2**30
_BACKUP_DAYS = 7
_LONG_KEPT = timedelta(days=730)
_MANY_MESSAGES = 100
BACKUP_DEED = "store-backup"


def check_store(checkup: Checkup) -> Iterator[Finding]:
    """Whether conversations can be kept. A database that is not there, or is of a former version, is left as it is."""
    from assistant.store.peek import peek_store
    from assistant.store.schema import VERSION

    settings = checkup.settings
    try:
        seen = peek_store(settings.store.url, checkup.clock, timeout=checkup.patience)
    except (ConfigError, StoreError) as exc:
        yield broken("数据库", exc)
        return
    if seen.seconds_ahead is not None:
        yield _check_clock("数据库时钟", seen.seconds_ahead)
    if not seen.can_write:
        remedy = "检查文件和所在目录的属主与权限，运行条问的用户要能写"
        yield failed("数据库", f"不能写：{seen.place}", remedy, StoreError.exit_code)
        return
    if seen.version is None:
        yield fine("数据库", f"还没有：{seen.place}，第一次使用时自动新建")
        return
    if seen.version != VERSION:
        is_newer = seen.version > VERSION
        told = f"{seen.place} 是第 {seen.version} 版，本程序用第 {VERSION} 版"
        if is_newer:
            yield failed("数据库", told, "升级条问，或改用另一个数据库", StoreError.exit_code)
        else:
            yield warned("数据库", told, "先备份；启动新版服务时自动升级，其他机器上的旧版要一起换")
        return
    yield from _check_open(checkup)


def _check_open(checkup: Checkup) -> Iterator[Finding]:
    from assistant.store.store import find_store

    try:
        store = find_store(checkup.settings.store.url)
        store.upkeep.check_writable()
        info = store.upkeep.describe()
        yield _tell_store(info)
        if info.free_bytes is not None:
            yield _check_room(info.free_bytes)
        if info.kind == "sqlite":
            yield _check_whole(store, info)
        yield from _check_kept(checkup, store, info)
        yield from _check_people(store)
        yield from _check_queues(store)
    except StoreError as exc:
        yield broken("数据库", exc)


def _tell_store(info: StoreInfo) -> Finding:
    counted = f"{info.counts['conversations']} 个对话，{info.counts['answers']} 条回答"
    told = f"{info.place}，第 {info.version} 版，{size_of(info.n_bytes)}，{counted}，能读能写"
    if info.journal and info.journal != "wal":
        return warned(
            "数据库",
            f"{told}；日志模式是 {info.journal}",
            "数据库要放在本机磁盘上（不能是网络盘），WAL 才能用",
        )
    return fine("数据库", f"{told}，WAL 模式" if info.journal else told)


def _check_room(free_bytes: int) -> Finding:
    told = f"数据库所在磁盘剩余 {size_of(free_bytes)}"
    if free_bytes < _NO_ROOM:
        return failed("数据库磁盘", told, "马上清理磁盘：写满后新的对话记不下来", StoreError.exit_code)
    if free_bytes < _LITTLE_ROOM:
        return warned("数据库磁盘", told, "清理磁盘，或设 TIAOWEN_STORE__RETENTION_DAYS 缩短保留期限")
    return fine("数据库磁盘", told)


def _check_whole(store: Store, info: StoreInfo) -> Finding:
    if info.n_bytes > _LARGEST_CHECKED:
        return unused("数据库完整性", "文件超过 1 GB，没有逐页检查；备份时会检查")
    fault = store.upkeep.find_damage()
    if fault:
        remedy = "停止服务，备份文件和同名的 -wal、-shm，再用 sqlite3 的 .recover 恢复"
        return failed("数据库完整性", fault, remedy, StoreError.exit_code)
    return fine("数据库完整性", "逐页检查完好")


def _check_kept(checkup: Checkup, store: Store, info: StoreInfo) -> Iterator[Finding]:
    days = checkup.settings.store.retention_days
    if days:
        yield fine("保留期限", f"{days} 天")
    elif info.oldest and checkup.now - info.oldest > _LONG_KEPT:
        yield warned(
            "保留期限",
            f"没有设置，最早的提问在 {info.oldest:%Y-%m-%d}",
            "按本单位的规定设 TIAOWEN_STORE__RETENTION_DAYS（天数）；网络日志依法不少于六个月",
        )
    else:
        yield fine("保留期限", "没有设置，一直保留")
    if info.kind != "sqlite":
        yield unused("备份", "PostgreSQL 用 pg_dump 备份，这里查不到")
        return
    last = next((deed.at for deed in store.registry.deeds(limit=1, action=BACKUP_DEED)), None)
    remedy = "每天定时运行 tiaowen store backup 文件，并存到另一台机器"
    if last is None and not info.counts["turns"]:
        yield unused("备份", "还没有要备份的内容")
    elif last is None:
        yield warned("备份", "还没有用本程序备份过", remedy)
    elif checkup.now - last > timedelta(days=_BACKUP_DAYS):
        yield warned("备份", f"上次备份在 {last:%Y-%m-%d}", remedy)
    else:
        yield fine("备份", f"上次备份在 {last:%Y-%m-%d}")


def _check_people(store: Store) -> Iterator[Finding]:
    live = [key for key in store.registry.list_keys() if key.revoked_at is None]
    if live:
        yield fine("工作台密钥", f"{len(live)} 个在用")
    else:
        remedy = "运行 tiaowen keys create 名称；在那之前用启动时显示的一次性链接登录"
        yield warned("工作台密钥", "还没有", remedy)
    tokens = [token for token in store.registry.list_tokens() if token.revoked_at is None]
    if plain := [t.name for t in tokens if any(o.startswith("http://") for o in t.origins)]:
        told = f"令牌 {'、'.join(plain)} 允许 http 网站嵌入"
        yield warned("挂件令牌", told, "给网站开通 https 后重新登记")
    elif tokens:
        yield fine("挂件令牌", f"{len(tokens)} 个在用")
    else:
        yield unused("挂件令牌", "没有别的网站嵌入")


def _check_queues(store: Store) -> Iterator[Finding]:
    waiting = store.channels.count_waiting()
    told = "、".join(f"{q.channel} {q.name} {q.n_messages}" for q in waiting)
    if any(queue.n_messages > _MANY_MESSAGES and queue.name != "unsure" for queue in waiting):
        yield warned("消息队列", f"积压：{told}", "看服务或机器人是否在运行、日志里有没有发送失败")
    else:
        yield fine("消息队列", told or "没有积压")


def _check_clock(name: str, seconds_ahead: float) -> Finding:
    if abs(seconds_ahead) > _MOST_SKEW_SECONDS:
        side = "快" if seconds_ahead > 0 else "慢"
        told = f"比本机{side} {abs(seconds_ahead):.0f} 秒"
        return warned(name, told, "两边都开启时间同步（如 chrony）：会话期限、保留期限都按时钟算")
    return fine(name, f"与本机相差 {abs(seconds_ahead):.1f} 秒")


def check_redis(checkup: Checkup) -> Iterator[Finding]:
    """Where several processes count their limits together."""
    storage = checkup.settings.limits.storage
    if storage is None:
        yield unused("Redis", "没有设置，各进程各自限流")
        return
    remedy = "检查 TIAOWEN_LIMITS__STORAGE 和 Redis 是否在运行；在那之前各进程各自限流"
    try:
        import redis
    except ImportError:
        yield failed("Redis", "没有安装驱动", "运行 pip install 'redis>=5'", ConfigError.exit_code)
        return
    try:
        wait = {"socket_timeout": checkup.patience, "socket_connect_timeout": checkup.patience}
        with redis.Redis.from_url(storage.get_secret_value(), **wait) as client:
            client.ping()
            seconds, _ = client.time()
        yield fine("Redis", "连得上")
        yield _check_clock("Redis 时钟", float(seconds) - checkup.clock())
    except (redis.RedisError, ValueError, OSError) as exc:
        yield failed("Redis", f"连不上：{type(exc).__name__}", remedy, StoreError.exit_code)


def check_chroma_server(checkup: Checkup) -> Iterator[Finding]:
    """The server that searches vectors, where one is set."""
    import httpx

    url = checkup.settings.retrieval.chroma_url
    if not url:
        yield unused("Chroma 服务器", "没有设置")
        return
    try:
        reply = httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=checkup.patience)
        reply.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        remedy = "检查 TIAOWEN_RETRIEVAL__CHROMA_URL 和 Chroma 是否在运行；在那之前由精确检索回答"
        yield failed("Chroma 服务器", f"连不上：{type(exc).__name__}", remedy, StoreError.exit_code)
    else:
        yield fine("Chroma 服务器", "连得上")

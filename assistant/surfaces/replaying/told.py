"""A replay as the JSON object of `tiaowen replay --json`, and as lines for a terminal; personal numbers are masked."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.documents.mask import mask_personal
from assistant.surfaces.replaying.changes import STATUSES, Change
from assistant.surfaces.replaying.replay import Again, Replay
from assistant.surfaces.schema import JsonObject, flow

SIGNS = {"-": "－", "+": "＋", "~": "～"}
BASES = {"same": "用当时的索引重答", "present": "用现在的索引重答"}


def replay_object(replay: Replay) -> JsonObject:
    """The object of `--json`."""
    past, asked = replay.past, replay.asked
    return {
        "id": past.answer_id,
        "session_id": past.session_id,
        "turn": past.number,
        "asked_at": past.asked_at.isoformat(timespec="seconds"),
        "n_times": replay.n_times,
        "question": mask_personal(past.question),
        "region": replay.place or None,
        "facts": {k: mask_personal(v) for k, v in asked.facts.items()} if asked else None,
        "earlier_question": mask_personal(asked.before.question) if asked else None,
        "generation": asked.generation if asked else None,
        "program": asked.program if asked else None,
        "vote": past.vote or None,
        "answer": replay.body,
        "again": [_again_object(again) for again in replay.again],
    }


def _again_object(again: Again) -> JsonObject:
    return {
        "basis": again.basis,
        "generation": again.generation,
        "is_exact": again.is_exact,
        "changes": [{"kind": c.kind, "sign": c.sign, "told": c.told} for c in again.changes],
        "remarks": list(again.remarks),
        "fault": again.fault or None,
        "answer": again.body,
    }


def tell_past(replay: Replay) -> Iterator[str]:
    """What was asked, when, and from what it was answered."""
    from assistant.store.review import BEIJING

    past, asked, body = replay.past, replay.asked, replay.body
    when = past.asked_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    yield f"回答 {past.answer_id}　{when}（北京时间）　第 {past.number} 轮"
    yield f"问题：{flow(mask_personal(past.question))}"
    given = [f"按 {body['as_of']} 的规定"]
    if asked is not None:
        if replay.place:
            given.insert(0, replay.place)
        given += [f"{fact}={mask_personal(value)}" for fact, value in asked.facts.items()]
    yield f"条件：{'；'.join(given)}"
    if asked is not None and asked.before.question:
        yield f"接着上一问：{flow(mask_personal(asked.before.question))}"
    basis = f"文件库 {past.corpus_version}"
    if asked is not None:
        basis += f"　索引 {asked.generation}　程序 {asked.program}"
    yield f"依据的版本：{basis}"
    if replay.n_times > 1:
        yield f"同样的回答共给出过 {replay.n_times} 次，这是最近一次"
    if past.vote:
        yield f"用户评价：{'有用' if past.vote == 'up' else '没用'}"


def tell_old(replay: Replay) -> Iterator[str]:
    """The answer as it was given, with its clauses."""
    body = replay.body
    yield f"【当时的回答】{STATUSES[body['status']]}"
    yield from body["text"].splitlines()
    for citation in body["citations"]:
        source = citation["number"] or citation["title"]
        yield f"[{citation['n']}] {source} {citation['clause']}：“{flow(citation['quote'])}”"
    for notice in body["notices"]:
        yield f"提示：{notice}"


def tell_again(again: Again) -> Iterator[str]:
    """What came out this time, as far as it differs."""
    generation = f"（{again.generation}）" if again.generation else ""
    yield f"【{BASES[again.basis]}{generation}】{tell_outcome(again)}"
    for remark in again.remarks:
        yield f"说明：{remark}"
    for change in again.changes:
        yield tell_change(change)


def tell_outcome(again: Again) -> str:
    """One line on how it compares."""
    if again.fault:
        return f"不能重答：{again.fault}"
    if again.is_exact:
        return "与当时逐字节相同"
    if not again.changes:
        return "内容相同，只有编号或条款位置等数据不同"
    return f"有 {len(again.changes)} 处不同"


def tell_change(change: Change) -> str:
    """One difference on one line."""
    return f"  {SIGNS[change.sign]} {' '.join(change.told.split())}"

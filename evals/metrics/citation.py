"""Whether the right clauses are cited, and whether citations are what they claim to be."""

from __future__ import annotations

import re

from assistant.models import Citation
from evals.cases import Gold
from evals.metrics.evidence import LONGEST_CLAUSE, Evidence
from evals.metrics.score import Score, abstained, score_if, unscored
from evals.metrics.text import find_marks

_ROW = re.compile(r"\.r\d+$")
"""The end of a table row's clause id; row 0 is the header."""


def score_gold_cited(evidence: Evidence) -> Score:
    """The share of gold groups of which a clause is cited; correct where it is all of them."""
    groups = evidence.case.gold_groups
    if not groups:
        return unscored("本题没有指定条款")
    if evidence.has_abstained:
        return abstained("拒答，没有引用指定条款")
    missing = [group for group in groups if not _is_cited(evidence, group)]
    share = 1 - len(missing) / len(groups)
    if not missing:
        return score_if(True, f"{len(groups)} 处指定条款都已引用", share=share)
    quotes = "；".join(f"{g[0].doc}「{g[0].quote}」" for g in missing)
    too_long = sum(c.clause_end - c.clause_start > LONGEST_CLAUSE for c in evidence.answer.citations)
    aside = f"（{too_long} 处引文的条款超过 {LONGEST_CLAUSE} 字，不算）" if too_long else ""
    return score_if(False, f"{len(groups)} 处指定条款少引 {len(missing)} 处：{quotes}{aside}", share=share)


def _is_cited(evidence: Evidence, group: tuple[Gold, ...]) -> bool:
    return any(_holds(evidence, citation, gold) for gold in group for citation in evidence.answer.citations)


def _holds(evidence: Evidence, citation: Citation, gold: Gold) -> bool:
    return citation.document == gold.doc and evidence.holds(
        gold.doc, citation.clause_start, citation.clause_end, gold.quote
    )


def score_citation_precision(evidence: Evidence) -> Score:
    """The share of the cited clauses that answer; correct where it is all of them.

    Clauses are told apart by id. A clause answers that holds a gold quote, interchangeable or not. With it
    answer the cited clauses above and below it, and the header row of its table: they say where it stands
    and what its cells mean. Without a cited gold clause nothing answers. Unscored where the case names no
    clause, and where the answer was refused or cites none.
    """
    case, answer = evidence.case, evidence.answer
    if not case.gold:
        return unscored("本题没有指定条款")
    if answer.status == "refused":
        return unscored("拒答")
    cited = dict.fromkeys(c.clause_id for c in answer.citations)
    if not cited:
        return unscored("没有引文")
    held = {c.clause_id for c in answer.citations if any(_holds(evidence, c, gold) for gold in case.gold)}
    aside = [c for c in cited if c not in held and not any(_goes_with(c, gold) for gold in held)]
    share = 1 - len(aside) / len(cited)
    if not aside:
        return score_if(True, f"引用的 {len(cited)} 条都是指定条款", share=share)
    shown = "、".join(aside)
    return score_if(False, f"引用 {len(cited)} 条，{len(aside)} 条不是指定条款：{shown}", share=share)


def _goes_with(clause: str, gold: str) -> bool:
    """Whether a clause id is above or below a gold clause's, or its header row's."""
    is_above, is_below = gold.startswith(f"{clause}."), clause.startswith(f"{gold}.")
    return is_above or is_below or clause == _ROW.sub(".r0", gold)


def score_quotes_exact(evidence: Evidence) -> Score:
    """Correct where each quote is its span of the source and marks and citations fit one to one."""
    answer = evidence.answer
    marks = find_marks(answer.text)
    if not answer.citations and not marks:
        if answer.status == "answered":
            return score_if(False, "有回答而没有任何引文")
        return unscored("没有引文")
    faults = [fault for c in answer.citations if (fault := _find_fault(evidence, c))]
    numbers = [c.n for c in answer.citations]
    faults += [f"[{n}] 没有对应的引文" for n in sorted(set(marks) - set(numbers))]
    faults += [f"引文 [{n}] 正文没有用到" for n in sorted(set(numbers) - set(marks))]
    faults += [f"引文编号 [{n}] 重复" for n in sorted({n for n in numbers if numbers.count(n) > 1})]
    return score_if(not faults, "；".join(faults) or f"{len(numbers)} 处引文与原文逐字相符")


def _find_fault(evidence: Evidence, citation: Citation) -> str:
    """What is wrong with one citation; empty where nothing is."""
    source = evidence.source(citation.document)
    where = f"引文 [{citation.n}]"
    if not source:
        return f"{where} 的文件 {citation.document} 不存在"
    if not 0 <= citation.start < citation.end <= len(source):
        return f"{where} 的位置 {citation.start}–{citation.end} 不在原文之内"
    if source[citation.start : citation.end] != citation.quote:
        return f"{where} 与原文 {citation.start}–{citation.end} 不符"
    if not citation.clause_start <= citation.start < citation.end <= citation.clause_end:
        return f"{where} 不在所称条款 {citation.clause_start}–{citation.clause_end} 之内"
    if citation.clause_start < 0 or citation.clause_end > len(source):
        return f"{where} 所称条款超出原文"
    return ""

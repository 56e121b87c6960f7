"""The documents, their rules, the calendar."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.errors import CorpusError, RuleError
from assistant.surfaces.doctor.finding import Checkup, Finding, broken, failed, fine, warned

_NEXT_YEAR_FROM = 12
"""The month from which next year's holidays have usually been announced."""
_N_NAMED = 3


def check_documents(checkup: Checkup) -> Iterator[Finding]:
    """Whether every document is read whole."""
    from assistant.documents.check import check_documents as look

    try:
        report = look(checkup.texts.corpus)
    except CorpusError as exc:
        yield broken("文件", exc)
        return
    n_clauses = sum(row.n_clauses for row in report.documents)
    counted = f"{len(report.documents)} 个文件，{n_clauses} 个条款"
    unclean = [row.id for row in report.documents if not row.is_clean]
    if report.is_clean:
        yield fine("文件", f"{counted}，原文全部归入条款")
    else:
        faults = [f"{problem.path}：{problem.message}" for problem in report.problems]
        faults += [f"{id_} 有没归入条款的文字或重复的编号" for id_ in unclean]
        told = f"{counted}；{_name_some(faults)}"
        yield failed("文件", told, "运行 tiaowen corpus check 查看详情", CorpusError.exit_code)
    incomplete = [f"{row.id} 没有{'、'.join(row.missing)}" for row in report.documents if row.missing]
    if incomplete:
        yield warned("元数据", _name_some(incomplete), "原文里有就在 document.yaml 里补上，没有可以不管")


def check_years(checkup: Checkup) -> Iterator[Finding]:
    """Documents that were made for a year which has passed, or that are no longer in force."""
    try:
        corpus = checkup.texts.corpus
    except CorpusError:
        return  # told by `check_documents`
    today = checkup.now.date()
    past = [d.id for d in corpus.documents if d.year is not None and d.year < today.year]
    ended = [d.id for d in corpus.documents if d.expires is not None and d.expires < today]
    old = list(dict.fromkeys([*past, *ended]))
    if old:
        yield warned(
            "时效",
            f"{len(old)} 个文件的年度或有效期已过：{_name_some(old)}",
            "向发文机关核实有没有新文件；有就收录，回答会自动改用；没有则照旧，回答里会提示",
        )
    else:
        yield fine("时效", "没有过期的文件")


def check_rules(checkup: Checkup) -> Iterator[Finding]:
    """Whether the rules load, stand on the words they were read from, and their examples come out."""
    from assistant.rules.report import report_rules

    try:
        rows = report_rules(checkup.texts.book).documents
    except RuleError as exc:
        yield broken("规则", exc)
        return
    except CorpusError:
        return
    drifted = sum(len(row.drifted) for row in rows)
    unpinned = sum(len(row.unpinned) for row in rows)
    wrong = sum(len(row.failed) for row in rows)
    open_figures = sum(len(row.uncovered) for row in rows)
    n_fresh = sum(row.n_fresh for row in rows)
    if drifted or wrong:
        told = f"{drifted} 处引文所在的条款改过，{wrong} 个示例算出来不同"
        remedy = "运行 tiaowen rules stale 逐条核对，改好后运行 tiaowen rules pin"
        yield failed("规则", told, remedy, CorpusError.exit_code)
    elif unpinned or open_figures:
        told = f"{unpinned} 处引文没有确认，{open_figures} 个数字没有写成规则也没有说明"
        yield warned("规则", told, "运行 tiaowen rules coverage 和 tiaowen rules pin")
    else:
        yield fine("规则", f"{n_fresh} 处引文与原文一致，示例全部通过")


def check_calendar(checkup: Checkup) -> Iterator[Finding]:
    """Whether working days can be counted this year and next."""
    try:
        calendar = checkup.texts.book.calendar
    except CorpusError:
        return
    year = checkup.now.year
    remedy = "国务院办公厅的放假通知公布后，照着在 corpus/calendar.yaml 加一节，再运行 tiaowen index"
    if calendar is None or not calendar.is_published(year):
        yield warned("日历", f"没有 {year} 年的放假安排，工作日期限只能给出范围", remedy)
        return
    has_next = calendar.is_published(year + 1)
    last = max(calendar.notice_by_year)
    if not has_next and checkup.now.month >= _NEXT_YEAR_FROM:
        yield warned("日历", f"还没有 {year + 1} 年的放假安排，跨年的工作日期限只能给出范围", remedy)
    else:
        later = "" if has_next else f"；{year + 1} 年的通知公布后要补上"
        yield fine("日历", f"放假安排到 {last} 年{later}")


def _name_some(names: list[str]) -> str:
    more = f"等 {len(names)} 处" if len(names) > _N_NAMED else ""
    return "、".join(names[:_N_NAMED]) + more

"""A turn of a conversation → a question that stands on its own.

In: what was typed and the `Memory` of the turn before. Out: `Turn`. A follow-up names only what changes
(“那中职呢？”, “如果是河北呢？”, “换成90人”); what it names takes the place of the thing of the same sort in the earlier
question: a place for a place, an office for an office of the same column, a kind of school for another. The sorts come
from the corpus (places, documents, choices of facts, cells of tables), never from a list here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.dialogue import wording, wording_declined
from assistant.dialogue.about import judges_case, read_about
from assistant.dialogue.amend import read_change, read_own_change, read_slip, read_swap
from assistant.dialogue.carry import add_to_known, state_figure
from assistant.dialogue.exchange import asks, drop_mark, exchange_topic, fails, find_topic
from assistant.dialogue.exchanging import ATTRIBUTE, CORRECTS, LEAD, TAIL, Exchanger
from assistant.dialogue.extract import Extracted, FactExtractor
from assistant.dialogue.extract_matches import read_yes_no
from assistant.dialogue.inherit import go_back, names_other, say_change, split_request
from assistant.dialogue.intent import asks_figure, drop_unknown
from assistant.dialogue.memory import Memory, ToldFigure
from assistant.dialogue.pointing import Pointer
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.things import ThingFinder
from assistant.dialogue.told_figures import Operation, read_operation
from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.regions import RegionTree
from assistant.models import Clause
from assistant.stages import staged

_IS_LEAD = re.compile(
    r"^(?:那(?!些|天|年|个人)|还有|如果|要是|假如|换成?(?!岗|证|个)|改成|回到|再[加减来多少]|(?:哎呀?|唉|啊|呃)?[,，]?不对|不是|(?:我|俺|刚才|刚刚|前面)*[说记打写看弄搞算报输敲数]?错|口误|更正|其实|哦|噢|嗯|它|其中|上面|上述|这[个条项些]?(?:规定|条款|任务)?(?:呢|是|的)|另外呢)"
)
_IS_TAIL = re.compile(r"呢[?？。!！]*$")
_FILLER = re.compile(r"(?<![\d个名位人])[,，]?(?:更正|修正|改|纠正|说错|记错|写错)(?:一下|了)[,，]?")
_NEW_TOPIC = re.compile(
    r"^(?:那|好|嗯|行)?[,，]?(?:换|另|再)(?:外)?(?:一)?个?(?:事儿?|话题|问题|别的)(?:情)?(?:问(?:一下|下|问)?)?[,，:：]?"
)
_TAKES_BACK = re.compile(
    r"^(?:算了|不问了|不办了|取消|作废|(?:那|这)?个?班不(?:开|办)了)|(?:不开了|不办了|不算了|不问了)[。!！]?$"
)
_BOTH = re.compile(
    r"[这那]俩|加(?:一块|一起|到一起)|(?:这|那)?(?:两|二|俩)(?:者|个|项|行|边|样|条|所|地)|(?:它|他)们|(?:前|上)面两"
    r"|一共|合计|加起来|总共|合起来|相加|差多少|相差"
)
_RESETS = re.compile(
    r"(?:另|换|再看|再来|下)(?:外)?(?:一)?个?(?:新的?)?(?:班|学校|企业|单位|机构)(?!级)|(?:另外|再)问(?:个|一个)别的"
    r"|我(?:爸|妈|爹|娘|哥|弟|姐|妹|叔|儿子|女儿|闺女|老公|老婆|媳妇|对象|朋友|同事|邻居|孩子)"
)
_POINTS_BACK = re.compile(
    r"(?:按|照|跟|是|算|用|管)这(?:个|条|样|么|些)?"
    r"(?:规定|标准|要求|数|来|走|办|执行)?(?:来|走|办|执行|算)?(?:吗|么|不|没|[?？]|$)"
)
_NOW_RIGHT = re.compile(
    r"(?:^|[,，。;；])(?:这下|这样|这回|现在|那|总)*(?:就|可以|能|算)*(?:能|可以|行|中|够|合格|合规|符合|达标|过关|没问题)(?:开班?|办班?|开课|要求|规定|条件)?(?:了|不)?[吧吗么没不]*[?？]?$"
)
"""Asks whether all is well now."""
_MOST_CLAUSES = 3
_SHORT_QUESTION = 20
"""Code points up to which a question that finds no answer is read behind the one before."""
_SHORTEST = 4
"""Code points up to which a question is one about what came before: 谁牵头."""
_LEAST_TOPIC = 2
_SHORT = 12
"""Code points up to which a message that asks nothing new hangs on the one before."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message read in its conversation.

    Attributes:
        text: a question that stands on its own.
        facts: stated now or before; `stated_now` are those of this message.
        rule: key of the rule to be decided again; empty where the question decides.
        named: clauses that were named by their place beside the last ones (下一条).
        at_odds: facts that this message gives two values.
        is_followup: True where the message hangs on what came before.
        unread: figures of a follow-up that may stand for several facts of the last decision, as written.
        last: key of the rule that was decided in the turn before.
        forgets: True where the message only takes back what was said before.
        message: the words of this message alone; empty where nothing was said before.
        otherwise: how it reads behind the earlier question, should it not be answered by itself; empty where it
            is a whole question.
        joint: how what it states reads before the earlier question, should a rule decide that so; else empty.
        in_full: True where all of the clauses named is wanted.
        left: clauses cited before, where the message asks the same of another place.
        operation: what is asked of `figures`, which the last answers told; empty where nothing is.
        is_of_country: True where it asks that of the whole country.
    """

    text: str
    facts: dict[str, str]
    stated_now: frozenset[str]
    rule: str = ""
    named: tuple[Clause, ...] = ()
    extracted: Extracted = field(default_factory=Extracted)
    is_followup: bool = False
    unread: tuple[str, ...] = ()
    otherwise: str = ""
    last: str = ""
    forgets: bool = False
    message: str = ""
    joint: str = ""
    in_full: bool = False
    left: tuple[str, ...] = ()
    is_of_country: bool = False
    operation: Operation = ""
    figures: tuple[ToldFigure, ...] = ()


def corrects(message: str) -> bool:
    """Whether a message puts right what was said before: 打错了,是中职."""
    return bool(CORRECTS.match(message))


def leave_rule(turn: Turn) -> Turn:
    """A message that goes on by its first word alone (那每节课最少多长), as a question of its own."""
    text = TAIL.sub("", LEAD.sub("", turn.message, count=1)) or turn.message
    return replace(turn, text=text, rule="", is_followup=False, otherwise=turn.text)


class TurnReader:
    """Reads messages in conversations about one corpus."""

    def __init__(
        self, corpus: Corpus, regions: RegionTree, finder: ReferenceFinder, extractor: FactExtractor
    ) -> None:
        self._regions = regions
        self._extractor = extractor
        self._things = ThingFinder(corpus, regions, finder, extractor)
        self._exchanger = Exchanger(corpus, regions, self._things, extractor)
        self._pointer = Pointer(corpus, regions, finder)

    @staged("understand")
    def read(self, text: str, memory: Memory, as_of: date) -> Turn:
        """Read one message.

        Args:
            text: normalised, without blanks.
        """
        if wording_declined.SMALL_TALK.fullmatch(text) and not (memory.asks and read_yes_no(text)):
            return Turn(text, memory.facts, frozenset())
        if memory.question and _NEW_TOPIC.match(text):
            return self.read(_NEW_TOPIC.sub("", text) or text, Memory(region=memory.region), as_of)
        if memory.question and _TAKES_BACK.search(text) and not asks(text):
            return Turn(text, {}, frozenset(), forgets=True, is_followup=True)
        if memory.question:
            text = _FILLER.sub(lambda m: "" if m.start() > 0 else m[0], text)
            if back := go_back(memory.opened, text):
                return self.read(back, Memory(region=memory.region, facts=memory.facts), as_of)
            text = self._pointer.name_table(text, memory.clauses)
            subject, rest = split_request(text)
            if subject and asks(rest) and not self._exchanger.names_things_only(subject):
                # 精品网课呢,几门 is a question of its own.
                text = f"{subject}{rest}"
        extracted = self._read_facts(text, memory, as_of)
        if not memory.question:
            given = extracted.given
            if extracted.loose and given:
                given |= read_own_change(
                    text, extracted.loose, given, lambda t: self._extractor.extract(t, as_of).given
                )
            return Turn(text, given, frozenset(given), extracted=extracted)
        return self._read_followup(text, extracted, memory, as_of)

    def _read_followup(self, text: str, extracted: Extracted, memory: Memory, as_of: date) -> Turn:
        """Read a message that something was said before."""
        operation, figures = read_operation(text, memory.figures)
        if operation:
            # 这俩加一块: the figures as they were told, not what both questions together might find.
            turn = Turn(text, memory.facts, frozenset(), extracted=extracted, is_followup=True)
            return replace(turn, operation=operation, figures=figures)
        before = {} if _RESETS.search(text) else memory.facts
        changed = {}
        if memory.rule and not extracted.given:
            changed = self._read_change(text, extracted, memory, as_of)
        if changed:
            # 老师走了一个,还行吗: the case as it was, but for what changed.
            turn = Turn(memory.question, {**before, **changed}, frozenset(changed), rule=memory.rule)
            return replace(turn, extracted=extracted, is_followup=True, last=memory.rule, message=text)
        now, unread = self._read_figures(text, extracted, memory, as_of)
        if not now and extracted.loose and (stated := state_figure(memory.question, extracted.loose)):
            # 一个班最多多少人, 那我有76个: the figure is of what was asked.
            now = self._extractor.extract(stated, as_of).given
            if now:
                whole = f"{stated},{LEAD.sub('', text, count=1)}"
                return Turn(whole, {**before, **now}, frozenset(now), extracted=extracted, is_followup=True)
        facts = {**before, **now}
        core = TAIL.sub("", LEAD.sub("", text, count=1))
        about = read_about(TAIL.sub("", text), core, bool(memory.rule), bool(memory.asks))
        if about == "again" or (memory.asks and not now and core and not drop_unknown(core)):
            # 还差什么, 不知道: the case as it was.
            turn = Turn(memory.question, facts, frozenset(), rule=memory.rule, extracted=extracted)
            message = text if judges_case(text) else ""
            return replace(turn, is_followup=True, last=memory.rule, message=message)
        is_told = about or (fails(core) and not now)
        cited = self._pointer.cited(memory.clauses, _MOST_CLAUSES) if is_told else ()
        if named := self._pointer.step(text, memory.clauses) or cited:
            # What is looked up by its place leaves the conversation where it was.
            whole = memory.question if about or not cited else exchange_topic(memory.question, core)
            turn = Turn(whole, facts, frozenset(now), named=named, extracted=extracted)
            return replace(turn, is_followup=True, in_full=about == "rest")
        if like := self._pointer.find_content(text, memory) or self._pointer.find_like(text, memory):
            turn = Turn(text, facts, frozenset(now), named=like, extracted=extracted)
            return replace(turn, is_followup=True, in_full=True)
        if elsewhere := self._pointer.ask_elsewhere(text, memory):
            # 河北有这条吗, where no clause of Hebei is like it.
            turn = Turn(elsewhere, facts, frozenset(now), extracted=extracted)
            return replace(turn, is_followup=True, left=memory.clauses)
        turn = Turn(
            text, facts, frozenset(now), extracted=extracted, unread=unread, last=memory.rule, message=text
        )
        if not now and (whole := self._exchanger.widen(core, memory)):
            facts = self._exchanger.drop_kinds(facts, memory.question)
            return replace(turn, text=whole, facts=facts, is_followup=True)
        if not now and memory.earlier and _BOTH.search(text) and len(text) <= _SHORT_QUESTION:
            return replace(
                turn,
                text=f"{find_topic(memory.earlier)}和{find_topic(memory.question)},{text}",
                is_followup=True,
            )
        if self._pointer.asks_office(text):
            whole = f"{find_topic(memory.question)},{self._pointer.drop_pointing(text)}"
            return replace(turn, text=whole, named=self._pointer.find_office(memory), is_followup=True)
        return self._hang_on(turn, core, now, memory, as_of)

    def _hang_on(self, turn: Turn, core: str, now: dict[str, str], memory: Memory, as_of: date) -> Turn:
        """A message with the question before it, where it cannot be read without."""
        text = turn.text
        if self._hangs_on(text, now, memory):
            if not (now or memory.rule) and (beside := self._find_beside(core, memory)):
                return replace(turn, text=f"{core}{memory.question}", named=beside, is_followup=True)
            whole = self._exchanger.complete(text, memory, bool(now and memory.rule))
            facts = (
                turn.facts
                if now
                else self._exchanger.drop_replaced(turn.facts, memory.question, whole, as_of)
            )
            is_other = not now and (
                fails(core) or len(facts) < len(turn.facts) or names_other(memory.question, whole, core)
            )
            rule = "" if is_other else memory.rule
            places = self._regions.find(text)
            left = memory.clauses if places else ()
            is_country = {m.region.code for m in places} == {COUNTRY}
            turn = replace(turn, text=whole, facts=facts, rule=rule, is_followup=True)
            return replace(turn, left=left, is_of_country=is_country)
        if len(text) <= _SHORT_QUESTION and (asks(text) or wording.SAMENESS.search(text)):
            behind = self._exchanger.put_behind(text, memory)
            if len(TAIL.sub("", text)) <= _SHORTEST or not ATTRIBUTE.sub("", text):
                return replace(turn, text=behind, is_followup=True)
            return replace(turn, otherwise=behind)
        if now and not memory.rule and not asks(text) and asks(memory.question):
            return replace(turn, joint=f"{drop_mark(text)},{memory.question}")
        return turn

    def _read_facts(self, text: str, memory: Memory, as_of: date) -> Extracted:
        """The facts of a message, in a follow-up also behind the words that lead it in."""
        text = say_change(text)
        extracted = self._extractor.extract(text, as_of)
        if extracted.given or not memory.question or not _IS_LEAD.search(text):
            return extracted
        core = LEAD.sub("", CORRECTS.sub("", text), count=1).lstrip(",，是")
        return self._extractor.extract(core, as_of)

    def _read_figures(
        self, text: str, extracted: Extracted, memory: Memory, as_of: date
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """What a message states in a conversation, with figures as replies; and the figures that nothing could read."""
        now = add_to_known(extracted, text, memory.facts)
        if not now and extracted.loose and memory.read and not asks(text):
            known = {f: v for f, v in memory.facts.items() if f in memory.read}
            slip = read_slip(extracted.loose, known) if CORRECTS.match(text) else {}
            now = slip or read_swap(text, extracted.loose, known)
        if not now and memory.asks and len(text) <= _SHORT * 4:
            now = self._extractor.read_reply(text, as_of, memory.asks)
        elif memory.asks and not asks(text):
            for figure in extracted.loose:
                left = [a for a in memory.asks if a not in now]
                now = self._extractor.read_reply(figure, as_of, left) | now
        if now or not memory.read or not extracted.loose or asks(text):
            return now, ()
        # 5名呢, 84呢: a figure in place of the one that was decided on.
        now = self._extractor.read_again(text, as_of, memory.read)
        return now, () if now else extracted.loose

    def _read_change(self, text: str, extracted: Extracted, memory: Memory, as_of: date) -> dict[str, str]:
        """A known fact that a message changes by a figure without its name."""
        if not extracted.loose or asks_figure(text):
            return {}
        known = {f: v for f, v in memory.facts.items() if f in memory.read}
        return read_change(text, extracted.loose, known, lambda t: self._extractor.extract(t, as_of).given)

    def _hangs_on(self, text: str, now: dict[str, str], memory: Memory) -> bool:
        """Whether a message cannot be read without the one before."""
        if now and memory.rule and _NOW_RIGHT.search(text):
            # 考的是等级证，这下能开班了吧: the case as it was, with what was missing.
            return True
        if not asks(text) and asks(memory.question) and self._exchanger.names_things_only(text):
            # 河南的高职: a reply that says only of whom the question is.
            return True
        if now and not memory.rule and not wording.is_topicless(re.split(r"[,，]", text)[-1]) and asks(text):
            # 那要是来60个人，得配几个老师: a case with a question of its own.
            return False
        if _IS_LEAD.search(text) or _IS_TAIL.search(text) or split_request(text)[0]:
            return True
        if wording.HOLDS_HERE.search(text) and _POINTS_BACK.search(text):
            # 我在邯郸开班也按这个来吗.
            return True
        if asks(text):
            return False
        return bool(memory.rule) if now else len(TAIL.sub("", text)) <= _SHORT

    def _find_beside(self, core: str, memory: Memory) -> tuple[Clause, ...]:
        """The clauses cited before that say it of what a message names: 那实操呢."""
        if self._things.find(core):
            return ()
        return self._pointer.beside(core, memory, _LEAST_TOPIC, _SHORTEST)

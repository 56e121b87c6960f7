"""A follow-up that names only what changes → the earlier question with it in place of its like.

In: the message, the memory of the turn before. Out: the words of a question that stands on its own. What may stand for what
comes from the corpus: places, documents, choices of facts, cells of tables.
"""

from __future__ import annotations

import re
from datetime import date

from assistant.dialogue import inherit
from assistant.dialogue.exchange import asks, drop_mark, exchange_topic
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.memory import Memory
from assistant.dialogue.things import ThingFinder, blank_things
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree

LEAD = re.compile(
    r"^(?:(?:那么?|还有|哦|噢|嗯|好的?|行|再|另外|然后|可是|但是?|对了|请问|再问(?:一下|下)?)[,，]?)*"
    r"(?:(?:如果|要是|假如|若是?|万一)(?:是|在|换成|改成)?|换成?|改成?|换到|那)?"
)
TAIL = re.compile(
    r"(?:又)?(?:的话|怎么样|怎么办|咋样|如何|呢|啊|呀|吧|行吗|可以吗|能开吗|怎么算)*[?？。!！]*$"
)
CORRECTS = re.compile(
    r"^(?:(?:(?:哦|噢|呃|啊|哎呀?|唉)?不对|不是|(?:我|俺|刚才|刚刚|前面)*(?:[说记打写看弄搞算报输敲数]|口误)?错了|口误|[说记打写看弄搞算报输敲数]错|更正(?:一?下)?|其实|应该)[,，。]?)+"
)
ATTRIBUTE = re.compile(
    r"完成|培训|人次|人数|任务|指标|目标|数[量目]?|单位|部门|负责|牵头|责任|主管|配合|谁|哪[些个家天年月儿里]?|几|多少|多久|时候|期限|截止"
    r"|[家个年月日天前后之要得需应该由归是有在的呢啊吗了到为给定分做办这那它其条项款和又还都也]|什么|啥|怎么|具体|分别|一共|总共|规定|最[晚早迟多少]|至少|[,，?？。!！]"
)
"""What a question is made of that asks for more about what came before: 要完成多少人次."""
_WHOLE_PLACE = re.compile(r"(?<=.)全[省市县区](?!域)")
_HERE = re.compile(
    r"(?:放?在)?(?:(?:我们?|咱们?|俺们?)(?:(?:这|那|县|市|省)(?:边|里|儿|地|块儿?)?|(?=的?$))|(?:这|当|本)(?:边|里|儿|地|县|市|省))的?"
)

_NAME = re.compile(r"(?![是否]$)[^\d<>=%]+")
"""A fact that names something: an office, a kind of school."""


class Exchanger:
    """Puts what messages name in place of its like, over one corpus."""

    def __init__(
        self, corpus: Corpus, regions: RegionTree, things: ThingFinder, extractor: FactExtractor
    ) -> None:
        self._corpus = corpus
        self._regions = regions
        self._things = things
        self._extractor = extractor
        self._texts: dict[str, str] = {}

    def names_things_only(self, text: str) -> bool:
        """Whether a message is nothing but the names of places, kinds and the like."""
        things = self._things.find(text)
        return bool(things) and not blank_things(text, things)

    def widen(self, core: str, memory: Memory) -> str:
        """The earlier question about the whole place instead of one kind of school or one office."""
        things = self._things.find(memory.question)
        kinds = [(t.start, t.end) for t in things if t.sort.startswith(("choice:", "cell:"))]
        return inherit.widen(memory.question, core, kinds)

    def drop_kinds(self, facts: dict[str, str], question: str) -> dict[str, str]:
        """Facts without those that say of which kind a question was."""
        kinds = {t.sort.removeprefix("choice:") for t in self._things.find(question)}
        return {f: v for f, v in facts.items() if f not in kinds}

    def drop_replaced(self, facts: dict[str, str], earlier: str, whole: str, as_of: date) -> dict[str, str]:
        """Facts without those that stand in words of the earlier question which the new one no longer has.

        交通运输局的呢 behind the tasks of another office: that office is no fact of this question. Figures, and what is
        so or not, are of the case and stay.
        """
        stated = (s for s in self._extractor.extract(earlier, as_of).statements if _NAME.fullmatch(s.given))
        gone = {s.fact for s in stated if s.words not in whole and facts.get(s.fact) == s.given}
        return {f: v for f, v in facts.items() if f not in gone}

    def _told_texts(self, memory: Memory) -> tuple[str, ...]:
        """The squeezed texts of the documents that answered last."""
        named = dict.fromkeys(i.partition("#")[0] for i in memory.clauses)
        for name in named:
            document = self._corpus.document_by_id.get(name)
            if document and name not in self._texts:
                self._texts[name] = squeeze("\n".join(c.text for c in document.clauses))
        return tuple(self._texts[name] for name in named if name in self._texts)

    def complete(self, text: str, memory: Memory, states: bool) -> str:
        """The earlier question with what the message changes."""
        subject, rest = inherit.split_request(text)
        if subject and not self._extractor.extract(rest, date.min).given:
            # 那河北的呢,电话也给我.
            return f"{drop_mark(self._exchange(subject, memory, states))},{rest}?"
        core = TAIL.sub("", LEAD.sub("", CORRECTS.sub("", text), count=1))
        return self._exchange(CORRECTS.sub("", core).lstrip(",，是"), memory, states)

    def put_behind(self, text: str, memory: Memory) -> str:
        """The earlier question and this message; without the other place where the message is about the asker's own."""
        earlier = self._drop_places(memory.question) if _HERE.search(text) else memory.question
        return f"{drop_mark(earlier)},{text}"

    def _drop_places(self, text: str) -> str:
        named = self._regions.find(text)
        return "".join(c for i, c in enumerate(text) if not any(m.start <= i < m.end for m in named))

    def _exchange(self, core: str, memory: Memory, states: bool) -> str:
        """The earlier question with what some words name in place of its like."""
        earlier = memory.question
        if here := _HERE.match(core):
            # The asker's own place is what a question without a place is about.
            bare = self._drop_places(earlier)
            rest = core[here.end() :]
            brought = ATTRIBUTE.sub("", rest)
            return bare if all(c in earlier for c in brought) else f"{rest}?"
        said, core = core, inherit.drop_block(core)
        things, before = self._things.find(core), self._things.find(earlier)
        places = {(t.start, t.end) for t in things if t.sort == "region"}
        # 全国 may stand in a cell of some table as well, but here it is the place.
        things = [t for t in things if t.sort == "region" or (t.start, t.end) not in places]
        whole, is_changed = earlier, False
        for thing in things:
            same = [b for b in before if b.sort == thing.sort]
            # 那4月30日发的呢: of two days the one of the same thing done.
            same.sort(key=lambda b: earlier[b.end : b.end + 1] == core[thing.end : thing.end + 1])
            if same and core[thing.start : thing.end] != earlier[same[-1].start : same[-1].end]:
                whole = whole.replace(earlier[same[-1].start : same[-1].end], core[thing.start : thing.end])
                is_changed = True
                # 全国 stands for 河南全省.
                whole = _WHOLE_PLACE.sub("", whole) if thing.sort == "region" else whole
        rest = blank_things(core, things)
        if is_changed and not (asks(core) and len(rest) > 6):
            return whole
        if is_changed:
            return f"{drop_mark(whole)},{core}?"
        if states and not asks(core):
            return earlier
        if things and not rest and any(t.sort.startswith("choice:") for t in things):
            return inherit.name_school(earlier, core.replace("的", ""))
        if things and things[0].sort == "region":
            return (
                f"{core[things[0].start : things[0].end]}{earlier}" if len(rest) <= 2 else f"{core}?{earlier}"
            )
        return (
            exchange_topic(earlier, core)
            if things
            else inherit.exchange_subject(earlier, said, self._told_texts(memory))
        )

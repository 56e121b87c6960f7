"""What a language model may add around the deterministic answer: another reading before it, other words after it.

In: a question, its conversation, the reply without a model. Out: the answer to show. The reply's memory is never touched:
the next turn is understood the same with and without a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.answer import Answerer, Reply
from assistant.dialogue.answer_stream import Lines
from assistant.dialogue.heard import FactGate, PointedFacts, describe_fact
from assistant.dialogue.llm import LanguageModel
from assistant.dialogue.memory import Memory
from assistant.dialogue.messages import Messages
from assistant.dialogue.prompts import Prompts
from assistant.dialogue.rephrase import REFUSED, Proposal, RephraseGate
from assistant.dialogue.reword import Reworder
from assistant.errors import ModelError
from assistant.models import Answer, Document, Question
from assistant.rules.facts import Fact


@dataclass(frozen=True, slots=True)
class Aide:
    """One model beside one answerer."""

    model: LanguageModel
    prompts: Prompts
    messages: Messages
    answerer: Answerer
    reworder: Reworder
    rephrasing: RephraseGate
    hearing: FactGate
    documents: Sequence[Document]

    def answer(self, question: Question, memory: Memory, reply: Reply, ends_at: float) -> Answer:
        """The answer after whatever the model made clearer of the question.

        Args:
            reply: without the model.
            ends_at: when the time of the answer is over, on the model's clock.
        """
        uses = self.model.settings
        try:
            if uses.rewrite and reply.refusal in REFUSED:
                return self._answer_rephrased(question, memory, reply, ends_at)
            if uses.extract and (offered := self.hearing.offer(question, reply.answer)):
                return self._answer_heard(question, memory, reply, offered, ends_at)
        except ModelError:
            # It is counted where it happened, and the answer without it stands.
            return reply.answer
        return reply.answer

    def _answer_rephrased(self, question: Question, memory: Memory, reply: Reply, ends_at: float) -> Answer:
        titles = "\n".join(f"{d.title}　{d.number}" for d in self.documents)
        messages = self.prompts["rewrite"].fill(question=question.text, documents=titles)
        proposal = self.model.read_data("rewrite", messages, Proposal, ends_at)
        text = self.rephrasing.accept(proposal.question, question)
        if not text:
            return reply.answer
        answer = self.answerer.answer(replace(question, text=text), memory).answer
        if answer.status == "refused":
            return reply.answer
        return replace(answer, notices=(self.messages.say("spelled", words=text), *answer.notices))

    def _answer_heard(
        self, question: Question, memory: Memory, reply: Reply, offered: Sequence[Fact], ends_at: float
    ) -> Answer:
        known = "\n".join(map(describe_fact, offered))
        messages = self.prompts["extract"].fill(question=question.text, facts=known)
        pointed = self.model.read_data("extract", messages, PointedFacts, ends_at)
        heard = self.hearing.hear(pointed.facts, question, offered)
        if heard.at_odds:
            return self.answerer.answer(question, memory, heard.at_odds).answer
        if not heard.facts:
            return reply.answer
        more = replace(question, facts={**question.facts, **heard.facts})
        answer = self.answerer.answer(more, memory).answer
        told = (
            self.messages.say("model_fact", words=words, label=label, value=value)
            for words, label, value in self.hearing.tell(heard)
        )
        return replace(answer, notices=(*told, *answer.notices))

    def reword(self, question: Question, answer: Answer, ends_at: float) -> Lines:
        """The lines of an answer in the model's words, where it is to word; see `Reworder.reword`."""
        if not self.model.settings.word:
            yield from answer.text.split("\n")
            return answer
        said = " ".join([question.text, *question.facts.values(), *(question.earlier or ())])
        return (yield from self.reworder.reword(answer, question.text, said, ends_at))

"""What a language model may add around the deterministic answer: another reading before it, other words after it.

In: a question, its conversation, the reply without a model. Out: the answer to show. The reply's memory is never touched:
the next turn is understood the same with and without a model.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.dialogue.answer import Answerer, Reply
from assistant.dialogue.answer_stream import Lines
from assistant.dialogue.llm import LanguageModel
from assistant.dialogue.memory import Memory
from assistant.dialogue.prompts import Prompts
from assistant.dialogue.reword import Reworder
from assistant.models import Answer, Question


@dataclass(frozen=True, slots=True)
class Aide:
    """One model beside one answerer."""

    model: LanguageModel
    prompts: Prompts
    answerer: Answerer
    reworder: Reworder

    def answer(self, question: Question, memory: Memory, reply: Reply) -> Answer:
        """The answer after whatever the model made clearer of the question."""
        return reply.answer

    def reword(self, question: Question, answer: Answer) -> Lines:
        """The lines of an answer in the model's words, where it is to word; see `Reworder.reword`."""
        if not self.model.settings.word:
            yield from answer.text.split("\n")
            return answer
        said = " ".join([question.text, *question.facts.values(), *(question.earlier or ())])
        return (yield from self.reworder.reword(answer, question.text, said, self.model.start()))

"""What the asker must know beside an answer: whose the texts are, that a plan was for another year, that one is over.

In: a draft with its citations, the understood question and its scope. Out: sentences.
"""

from __future__ import annotations

from assistant.dialogue.draft import Draft
from assistant.dialogue.refuse import refuse_lapsed
from assistant.dialogue.scope import Scope
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import is_in_force
from assistant.models import Question


def list_notices(draft: Draft, asked: Understanding, scope: Scope, question: Question) -> list[str]:
    """The notices of an answer, in the order in which they are told."""
    say = draft.messages.say
    notices = [say("notice_parent", place=scope.parent_only.name)] if scope.parent_only else []
    for document_id in dict.fromkeys(c.document for c in draft.citations):
        document = draft.documents[document_id]
        if not is_in_force(document, question.as_of):
            lapsed = refuse_lapsed(document, question.as_of)
            is_over = lapsed.template == "refused_lapsed"
            name = "notice_lapsed" if is_over else "notice_not_begun"
            notices.append(say(name, **lapsed.values))
        elif document.year and document.year < question.as_of.year:
            as_of = question.as_of.isoformat()
            notices.append(say("notice_year", title=document.title, year=document.year, as_of=as_of))
    if not (asked.home or asked.places or asked.references.documents):
        notices.append(say("notice_region"))
    return notices

"""Answer -> what a person sees: pages of Telegram HTML in one language, the answer in the first line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.answers import exchanges, statements
from bot.answers.answer import (
    Answer,
    Guidance,
    History,
    Included,
    LatestExchange,
    NextExchange,
    Plain,
    Said,
    Talks,
    Totals,
)
from bot.answers.facts import Cited
from bot.answers.pages import lay_out
from bot.answers.parts import Blocks, Parts
from bot.answers.plain import plain
from bot.i18n import Language, translator
from bot.understanding import Question


@dataclass(frozen=True, slots=True)
class Reply:
    question: Question
    """What it answers: a button that turns its pages carries just this."""
    pages: tuple[Markup, ...]
    sources: tuple[Cited, ...]


def reply(answer: Answer, language: Language) -> Reply:
    tr = translator(language)
    if isinstance(answer, Plain):
        return Reply(answer.question, pages=(plain(answer.question, tr),), sources=())
    parts = Parts(tr)
    blocks = WRITERS[type(answer)](answer, parts)
    pages = lay_out(blocks, footer(answer, parts))
    if len(pages) > 1:
        of = len(pages)
        pages = tuple(
            page + tr.html("\nPage %(number)s of %(pages)s", number=number, pages=of)
            for number, page in enumerate(pages, 1)
        )
    return Reply(answer.question, pages, tuple(parts.cited))


def footer(answer: Answer, parts: Parts) -> Markup:
    """How far what was said reaches."""
    tr = parts.tr
    if isinstance(answer, Guidance):
        return tr.html("<i>These facts were last checked on %(day)s.</i>", day=tr.day(answer.card.verified_on))
    newest = answer.record.newest_entry
    if newest is None:
        return tr.html("<i>Our record holds nothing up to this day.</i>")
    return tr.html(
        "<i>As of %(day)s (Kyiv time), the newest entry in our record. Later events may be missing.</i>",
        day=tr.day(newest),
    )


def guidance(answer: Guidance, parts: Parts) -> Blocks:
    paragraphs = parts.words(answer.card.text).split("\n\n")
    return [*paragraphs, parts.sources(answer.card.sources)]


WRITERS: dict[type[Any], Callable[[Any, Parts], Blocks]] = {
    NextExchange: exchanges.coming,
    LatestExchange: exchanges.latest,
    History: exchanges.history,
    Totals: exchanges.totals,
    Said: statements.said,
    Included: statements.included,
    Talks: statements.talks,
    Guidance: guidance,
}
"""The answer in blocks that pages do not break; the first begins with the answer itself."""

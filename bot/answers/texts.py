"""Answer -> what a person sees: pages of Telegram HTML in one language, the answer in the first line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from bot.answers import exchanges, statements
from bot.answers.answer import (
    Answer,
    Asked,
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
from bot.i18n import Language, Translator, translator
from bot.press.refs import Ref, citable
from bot.understanding import Question, Topic


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """Written once for a question and a version of the record, and then the same object for all who ask."""

    question: Question
    """What it answers: a button that turns its pages carries just this."""
    pages: tuple[Markup, ...]
    sources: tuple[Cited, ...]
    refs: tuple[Ref, ...] = ()
    """What of it can be cited."""
    as_of: date | None = None
    """The day that it is as of, if the person chose one."""


def reply(answer: Answer, language: Language, as_of: date | None = None) -> Reply:
    """`as_of` is the day that the person chose to be answered as of, and stands in the first line."""
    tr = translator(language)
    if isinstance(answer, Plain):
        return Reply(answer.question, pages=(plain(answer.question, tr),), sources=(), as_of=as_of)
    parts = Parts(tr)
    pages = numbered(lay_out(written(answer, parts), footer(answer, parts)), tr)
    if as_of:
        chosen = tr.html(
            "<b>As of %(day)s</b>: what had been published by then, with what was corrected later. To end: /asof",
            day=tr.day(as_of),
        )
        pages = tuple(Markup("\n\n").join([chosen, page]) for page in pages)
    return Reply(answer.question, pages, tuple(parts.cited), citable(answer), as_of)


def numbered(pages: tuple[Markup, ...], tr: Translator) -> tuple[Markup, ...]:
    if len(pages) == 1:
        return pages
    return tuple(
        page + tr.html("\nPage %(number)s of %(pages)s", number=number, pages=len(pages))
        for number, page in enumerate(pages, 1)
    )


def written(answer: Answer, parts: Parts) -> Blocks:
    """What is said, before it is laid out on pages and its footer is added."""
    blocks = WRITERS[type(answer)](answer, parts)
    if answer.question.of_one_group:
        everybody = parts.tr.html(
            "The numbers are of everybody, not only of the group you ask about: we have no separate ones, unless "
            "a line says so."
        )
        blocks.insert(1, everybody)
    return blocks


def differ(before: Answer, after: Answer, language: Language) -> bool:
    """Whether two answers to one question say different things."""
    tr = translator(language)
    return written(before, Parts(tr)) != written(after, Parts(tr))


def footer(answer: Asked, parts: Parts) -> Markup:
    """How far the record that was used reaches."""
    tr = parts.tr
    if isinstance(answer, Guidance):
        checked = tr.day(answer.card.verified_on)
        if answer.card.is_old(answer.today):
            return tr.html(
                "<i>These facts were last checked on %(day)s. That is long ago, and they may have changed.</i>",
                day=checked,
            )
        return tr.html("<i>These facts were last checked on %(day)s.</i>", day=checked)
    newest, looked = answer.record.newest_entry, answer.record.checked_on
    if newest is None:
        return tr.html("<i>Our record holds nothing up to this day.</i>")
    if looked and newest <= looked <= answer.today:
        return tr.html(
            "<i>Nothing new since %(newest)s (Kyiv time). We last looked for news on %(checked)s.</i>",
            newest=tr.day(newest),
            checked=tr.day(looked),
        )
    return tr.html(
        "<i>As of %(day)s (Kyiv time), the newest entry in our record. Later events may be missing.</i>",
        day=tr.day(newest),
    )


def guidance(answer: Guidance, parts: Parts) -> Blocks:
    first, *others = parts.words(answer.card.text).split("\n\n")
    if answer.question.topic is Topic.FIND_PERSON:
        unkept = parts.tr.html("If you named somebody: I have not kept the name, and have passed it on to nobody.")
        others.insert(0, unkept)
    return [first, *others, parts.sources(answer.card.sources)]


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

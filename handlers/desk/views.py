"""What staff see of a post while it is written: its parts, what they say for the record, what is missing."""

from dataclasses import dataclass

from markupsafe import Markup
from telegram import InlineKeyboardMarkup

from bot.answers.differences import stage_name
from bot.answers.parts import Parts
from bot.desk import review
from bot.desk.facts import NEW, Facts
from bot.desk.harm import Harm
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Translator
from handlers.desk.keys import key, keyboard
from handlers.desk.refusals import part
from models.desk import Importance, Kind, PostRevision, State

SHOWN_ROWS = 10
Screen = tuple[list[Markup], InlineKeyboardMarkup]
"""Lines, and what can be done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A revision with what is needed to show it."""

    revision: PostRevision
    before: PostRevision | None
    """The released revision that it would replace."""
    aliases: dict[int, str]


def kind_name(tr: Translator, kind: Kind) -> str:
    return {
        Kind.ANNOUNCEMENT: tr.gettext("Announcement"),
        Kind.PROGRESS: tr.gettext("Progress"),
        Kind.COMPLETED: tr.gettext("Completed exchange"),
        Kind.TALKS: tr.gettext("Talks"),
        Kind.ADVISORY: tr.gettext("Advice"),
    }[kind]


def state_name(tr: Translator, state: State) -> str:
    return {
        State.DRAFT: tr.gettext("draft"),
        State.HELD: tr.gettext("held: it may harm, and somebody must look"),
        State.SUBMITTED: tr.gettext("waits for review"),
        State.SCHEDULED: tr.gettext("approved, waits for its time"),
        State.RELEASED: tr.gettext("released"),
        State.DISCARDED: tr.gettext("discarded"),
    }[state]


def harm_name(tr: Translator, harm: Harm) -> str:
    return {
        Harm.NAME: tr.gettext("what looks like the name of a private person"),
        Harm.UNIT_WITH_DATE: tr.gettext("a unit with a date"),
        Harm.CARD: tr.gettext("what looks like a bank card or account"),
        Harm.PAYMENT: tr.gettext("a link or address for payments"),
        Harm.PHOTO: tr.gettext("a photograph"),
        Harm.HIDDEN: tr.gettext("characters that cannot be seen, or that turn the direction of the text"),
        Harm.MARKUP: tr.gettext("HTML tags, which readers would see as they stand"),
        Harm.DISGUISE: tr.gettext("a link that leads elsewhere than it shows"),
    }[harm]


def title(tr: Translator, of: PostRevision) -> str:
    """One line for lists and buttons."""
    kind = tr.gettext("Withdrawal") if of.withdraws else kind_name(tr, of.kind)
    return tr.gettext("%(post)s.%(revision)s %(kind)s", post=of.post_id, revision=of.number, kind=kind)


def draft(tr: Translator, seen: Seen) -> Screen:
    of = seen.revision
    lines = [headline(tr, seen), *parts_of(tr, of)]
    if of.remark:
        lines.append(tr.html("<b>Sent back:</b> %(remark)s", remark=of.remark))
    if lacks := review.missing(of):
        lines.append(tr.html("Still missing: %(parts)s.", parts=tr.list([part(tr, lack) for lack in lacks])))
    texts = [key(LANGUAGE_NAMES[language], "text", of.id, language) for language in LANGUAGES]
    on_record = [
        key(tr.gettext("Exchange"), "exchange", of.id),
        key(tr.gettext("Stage"), "stage", of.id),
        key(tr.gettext("Number"), "number", of.id),
    ]
    claim = [
        key(tr.gettext("Who said it"), "speaker", of.id, 0),
        key(tr.gettext("Source"), "source", of.id),
        key(tr.gettext("Photo"), "photo", of.id),
    ]
    urgency = (
        tr.gettext("Make it ordinary") if of.importance is Importance.URGENT else tr.gettext("Make it urgent")
    )
    why = [key(tr.gettext("What changed and why"), "why", of.id)] if of.number > 1 else []
    end = [key(tr.gettext("Preview"), "preview", of.id), key(tr.gettext("Submit for review"), "submit", of.id)]
    rest = [key(urgency, "urgency", of.id), key(tr.gettext("Discard"), "discard", of.id)]
    audience = tr.gettext("Only the record") if of.to_readers else tr.gettext("Tell readers too")
    by_hand = [key(tr.gettext("Rows of the record"), "rows", of.id), key(audience, "readers", of.id)]
    parts = [] if of.withdraws else [texts, on_record, claim, by_hand]
    if _is_card(of):
        checked = key(tr.gettext("Checked today"), "checked", of.id)
        parts = [[key(tr.gettext("Text of the card"), "cardtext", of.id), checked]]
    return lines, keyboard(*parts, why, rest, end)


def _is_card(of: PostRevision) -> bool:
    rows = of.facts.get("rows", [])
    return not of.to_readers and len(rows) == 1 and rows[0]["kind"] == "card"


def headline(tr: Translator, seen: Seen) -> Markup:
    of = seen.revision
    server = tr.gettext("the server")
    return tr.html(
        "<b>%(title)s</b>: %(state)s\nWritten by %(author)s, last changed by %(changer)s.",
        title=title(tr, of),
        state=state_name(tr, of.state),
        author=seen.aliases.get(of.written_by or 0, server),
        changer=seen.aliases.get(of.changed_by or 0, server),
    )


def parts_of(tr: Translator, of: PostRevision) -> list[Markup]:
    given = Facts.model_validate(of.facts)
    lines = []
    if of.importance is Importance.URGENT:
        lines.append(tr.html("<b>Urgent</b>"))
    if not of.to_readers:
        lines.append(tr.html("A change of the record; readers get no message."))
    else:
        for language in LANGUAGES:
            said = of.texts.get(language)
            shown = Markup.escape(said) if said else tr.html("<i>translation pending</i>")
            lines.append(tr.html("%(language)s: %(text)s", language=LANGUAGE_NAMES[language], text=shown))
    lines += [
        tr.html("What changed, %(language)s: %(text)s", language=LANGUAGE_NAMES[language], text=of.why[language])
        for language in LANGUAGES
        if language in of.why
    ]
    return lines + facts(tr, given) + ([tr.html("With a photograph.")] if of.photo else [])


def facts(tr: Translator, given: Facts) -> list[Markup]:
    """What the post says for the record, line by line."""
    lines = []
    if given.exchange:
        name = tr.gettext("a new one") if given.exchange == NEW else given.exchange
        lines.append(tr.html("Exchange: %(name)s", name=name))
    if given.stage:
        lines.append(tr.html("Stage: %(stage)s", stage=stage_name(tr, given.stage)))
    if given.day:
        lines.append(tr.html("Date named: %(day)s.", day=tr.day(given.day)))
    if given.day_withheld_by:
        side = Parts(tr).side(given.day_withheld_by)
        lines.append(tr.html("The date is not made public. Withheld by: %(side)s.", side=side))
    if given.speaker:
        lines.append(tr.html("Who said it: %(name)s", name=given.speaker))
    if given.said_on:
        lines.append(tr.html("Said on: %(day)s", day=tr.day(given.said_on)))
    lines += [Parts(tr).count(figure.count(given.side)) for figure in given.figures]
    if given.sources:
        lines.append(Parts(tr).sources(source.cited(tr.language) for source in given.sources))
    if given.rows:
        n = len(given.rows)
        lines += [Markup("<code>{} {}</code>").format(row["kind"], row["key"]) for row in given.rows[:SHOWN_ROWS]]
        lines.append(tr.nhtml("%(n)s row of a record file", "%(n)s rows of a record file", n))
    return lines

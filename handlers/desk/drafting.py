"""Writing a post by buttons: each part is chosen, or asked for; what is then typed is read in `words.py`."""

from typing import Any

from telegram import InlineKeyboardButton, Update

from bot.answers.differences import stage_name
from bot.answers.post import too_long
from bot.desk import facts, posts, review, staff
from bot.desk.facts import NEW, GivenFigure
from bot.desk.refusals import NotNow, TooLong
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, Translator, today_in_kyiv
from handlers.context import Context, unless_unchanged
from handlers.desk import showing, views
from handlers.desk.acting import tongue, where
from handlers.desk.changing import Asked, add_figure, change, set_facts, set_speaker
from handlers.desk.keys import key, keyboard, rows
from models.base import Wording
from models.desk import Importance, Kind
from models.record import Qualifier, Side, StageName, What

SHOWN_EXCHANGES = 8
SHOWN_SPEAKERS = 8
COUNTED = (What.RETURNED_TO_UKRAINE, What.RETURNED_TO_RUSSIA, What.EXCHANGED)
UNTOLD = (Side.UKRAINE, Side.RUSSIA, Qualifier.NOT_STATED)
"""Who withholds a number, or that nobody gave one."""
EXACTNESS = (Qualifier.EXACT, Qualifier.AT_LEAST, Qualifier.UP_TO, Qualifier.ABOUT, *UNTOLD)
EMPTY: dict[str, dict[str, Any]] = {
    "sources": {"sources": ()},
    "figures": {"figures": ()},
    "stage": {"stage": None, "day": None, "day_withheld_by": None},
    "speaker": {"speaker": None, "side": None, "said_on": None},
}
"""The parts of the facts that can be taken out again, and what is then left of them."""


# Beginning


async def new(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    kinds = [key(views.kind_name(tr, kind), "kind", kind) for kind in Kind]
    await where(update).reply_html(
        tr.html("What kind of post?"), reply_markup=keyboard(*rows(kinds, 2)), do_quote=False
    )


async def kind(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        begun = await posts.draft(session, member, Kind(about[0]))
    await showing.draft(update, context, begun.id)


# Asking for words: the member's next message is for this part.


async def ask(
    update: Update, context: Context, question: str, asked: Asked, *more: list[InlineKeyboardButton]
) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (_, member):
        member.asked = asked
    await message.reply_html(question, reply_markup=keyboard(*more) if more else None, do_quote=False)


async def text(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    language = LANGUAGE_NAMES[_language(about[1])]
    question = tr.html(
        "Send the text, in this language: %(language)s. At most %(most)s characters. To leave it: /cancel",
        language=language,
        most=tr.number(posts.LONGEST_TEXT),
    )
    await ask(update, context, question, {"act": "text", "revision": int(about[0]), "language": about[1]})


async def why(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    if len(about) == 1:
        languages = [key(LANGUAGE_NAMES[code], "why", about[0], code) for code in LANGUAGES]
        await where(update).reply_html(
            tr.html("What changed and why: in which language?"), reply_markup=keyboard(languages), do_quote=False
        )
        return
    question = tr.html(
        "Say in one or two sentences what changed and why, in this language: %(language)s. To leave it: /cancel",
        language=LANGUAGE_NAMES[_language(about[1])],
    )
    await ask(update, context, question, {"act": "why", "revision": int(about[0]), "language": about[1]})


async def source(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    question = tr.html(
        "Send the address of the page, then who published it and on which day. For example:\n"
        "https://example.org/news Suspilne 22.11.2026\n\nTo leave it: /cancel"
    )
    none = [key(tr.gettext("Remove all sources"), "clearing", about[0], "sources")]
    await ask(update, context, question, {"act": "source", "revision": int(about[0])}, none)


async def photo(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    question = tr.html(
        "Send the photograph. With one, the text may have %(most)s characters. Never one of a prisoner. "
        "To leave it: /cancel",
        most=tr.number(posts.LONGEST_CAPTION),
    )
    none = [key(tr.gettext("Remove the photograph"), "clearing", about[0], "photo")]
    await ask(update, context, question, {"act": "photo", "revision": int(about[0])}, none)


# Choosing


async def exchange(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    if len(about) > 1:
        await set_facts(update, context, int(about[0]), exchange=about[1] or None)
        return
    async with services.database.read() as session:
        newest = (await facts.exchanges(session))[:SHOWN_EXCHANGES]
    keys = [key(tr.day(day) if day else name, "exchange", about[0], name) for name, day in newest]
    own = [
        key(tr.gettext("A new one"), "exchange", about[0], NEW),
        key(tr.gettext("None"), "exchange", about[0], ""),
    ]
    await message.reply_html(
        tr.html("Which exchange does it belong to?"), reply_markup=keyboard(*rows(keys, 2), own), do_quote=False
    )


async def stage(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    if len(about) == 1:
        keys = [key(stage_name(tr, stage), "stage", about[0], stage) for stage in StageName]
        none = [key(tr.gettext("None"), "clearing", about[0], "stage")]
        await where(update).reply_html(
            tr.html("How far has it come, by this statement?"),
            reply_markup=keyboard(*rows(keys, 2), none),
            do_quote=False,
        )
        return
    question = tr.html("For which day? Send it, such as 22.11.2026, or choose. To leave it: /cancel")
    chosen = {"act": "day", "revision": int(about[0]), "stage": about[1]}
    withheld = [
        key(tr.gettext("Withheld by Ukraine"), "day", *about, Side.UKRAINE),
        key(tr.gettext("Withheld by Russia"), "day", *about, Side.RUSSIA),
    ]
    await ask(update, context, question, chosen, withheld, [key(tr.gettext("No day"), "day", *about)])


async def day(update: Update, context: Context, about: list[str]) -> None:
    """A stage whose day is withheld, or has none."""
    side = Side(about[2]) if len(about) > 2 else None
    await set_facts(update, context, int(about[0]), stage=StageName(about[1]), day=None, day_withheld_by=side)


async def number(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    match about:
        case [revision]:
            keys = [[key(_counted(tr, what), "number", revision, what)] for what in COUNTED]
            none = [key(tr.gettext("Remove all numbers"), "clearing", revision, "figures")]
            await where(update).reply_html(
                tr.html("Who is counted?"), reply_markup=keyboard(*keys, none), do_quote=False
            )
        case [revision, what]:
            exact = [key(_exactness(tr, choice), "number", revision, what, choice) for choice in EXACTNESS]
            await where(update).reply_html(
                tr.html("How exact is the number?"), reply_markup=keyboard(*rows(exact, 2)), do_quote=False
            )
        case [revision, what, choice] if choice in UNTOLD:
            side = None if choice == Qualifier.NOT_STATED else Side(choice)
            qualifier = Qualifier.WITHHELD if side else Qualifier.NOT_STATED
            await add_figure(
                update, context, int(revision), GivenFigure(what=What(what), qualifier=qualifier, withheld_by=side)
            )
        case [revision, what, choice]:
            question = tr.html("Send the number, in figures. To leave it: /cancel")
            asked = {"act": "number", "revision": int(revision), "what": what, "qualifier": choice}
            await ask(update, context, question, asked)


def _counted(tr: Translator, what: What) -> str:
    return {
        What.RETURNED_TO_UKRAINE: tr.gettext("Returned to Ukraine"),
        What.RETURNED_TO_RUSSIA: tr.gettext("Returned to Russia"),
        What.EXCHANGED: tr.gettext("Each side, one for one"),
    }[what]


def _exactness(tr: Translator, choice: Qualifier | Side) -> str:
    return {
        Qualifier.EXACT: tr.gettext("Exact"),
        Qualifier.AT_LEAST: tr.gettext("At least"),
        Qualifier.UP_TO: tr.gettext("Up to"),
        Qualifier.ABOUT: tr.gettext("About"),
        Side.UKRAINE: tr.gettext("Withheld by Ukraine"),
        Side.RUSSIA: tr.gettext("Withheld by Russia"),
        Qualifier.NOT_STATED: tr.gettext("Not stated"),
    }[choice]


async def speaker(update: Update, context: Context, about: list[str]) -> None:
    """A page of those who may be quoted; then the day on which it was said."""
    message, services = where(update), context.services
    tr = await tongue(update, context)
    revision, page = about[0], int(about[1])
    async with services.database.read() as session:
        everybody = await facts.speakers(session)
    if len(about) > 2:
        question = tr.html("When was it said? Send the day, such as 22.11.2026, or choose. To leave it: /cancel")
        name = _named(everybody, int(about[2]))
        today = [key(tr.gettext("Today"), "said", revision, about[2])]
        await ask(update, context, question, {"act": "said", "revision": int(revision), "speaker": name}, today)
        return
    shown = list(enumerate(everybody))[page * SHOWN_SPEAKERS : (page + 1) * SHOWN_SPEAKERS]
    keys = [key(name.spoken(tr.language)[0], "speaker", revision, page, place) for place, (_, name) in shown]
    turn = []
    if page:
        turn.append(key(tr.gettext("‹ Back"), "speaker", revision, page - 1))
    if len(everybody) > (page + 1) * SHOWN_SPEAKERS:
        turn.append(key(tr.gettext("Next ›"), "speaker", revision, page + 1))
    markup = keyboard(*rows(keys, 1), turn, [key(tr.gettext("None"), "clearing", revision, "speaker")])
    if page and update.callback_query:
        with unless_unchanged():
            await message.edit_reply_markup(markup)
        return
    await message.reply_html(tr.html("Who said it?"), reply_markup=markup, do_quote=False)


def _named(speakers: list[tuple[str, Wording]], place: int) -> str:
    """The speaker who stood there when the button was made. The record may name fewer by now."""
    if place >= len(speakers):
        raise NotNow
    return speakers[place][0]


async def said(update: Update, context: Context, about: list[str]) -> None:
    """Said today, by the person whose button was pressed before."""
    async with context.services.database.read() as session:
        name = _named(await facts.speakers(session), int(about[1]))
    await set_speaker(update, context, int(about[0]), name, today_in_kyiv())


async def urgency(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        now = (await posts.revision(session, int(about[0]))).importance
        other = Importance.ORDINARY if now is Importance.URGENT else Importance.URGENT
        await posts.change(session, member, int(about[0]), importance=other)
    await showing.draft(update, context, int(about[0]))


async def clearing(update: Update, context: Context, about: list[str]) -> None:
    """Takes a part out again."""
    revision, part = int(about[0]), about[1]
    if part == "photo":
        await change(update, context, revision, photo=None)
        return
    await set_facts(update, context, revision, **EMPTY[part])


async def discard(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        await posts.discard(session, member, int(about[0]))
    await message.reply_html(tr.html("Discarded. /desk"), do_quote=False)


async def submit(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        submitted = await review.submit(session, member, int(about[0]))
        caption = await posts.had_photo(session, submitted)
        if excess := too_long(submitted, context.bot.username, caption=caption):
            raise TooLong(excess)
        harms = await review.harms_in(session, submitted)
    if harms:
        text = tr.html(
            "It is held, because it holds %(harms)s. Somebody else must look at it, and a third person approve "
            "it; or take it over and change it.",
            harms=tr.list([views.harm_name(tr, harm) for harm in harms]),
        )
    else:
        text = tr.html("It waits for review. The reviewers have been told.")
    await message.reply_html(text, do_quote=False)
    await showing.tell_reviewers(context, submitted.id)


def _language(code: str) -> Language:
    return next(language for language in LANGUAGES if language == code)

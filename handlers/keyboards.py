"""Buttons and what they carry: at most 64 bytes, read back by `parse`, which refuses what it does not know."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup
from telegram.constants import ChatType

from bot.answers.ask import KEPT
from bot.answers.find import FINDERS, relevant
from bot.answers.texts import Reply
from bot.delivery.subscriptions import Follows, of_exchange
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, Translator, translator
from bot.opendata.exports import Format
from bot.understanding import Question, Topic
from bot.understanding.question import unpacked
from handlers import press_keys


class OldButton(ValueError):
    """A button of an earlier version of the bot, or data that no button of ours carries."""


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    language: Language


@dataclass(frozen=True, slots=True)
class Ask:
    """A topic of the menu, in the language in which the menu was written."""

    topic: Topic
    language: Language


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Page `number`, from 0, of the answer to `question`."""

    number: int
    question: Question


@dataclass(frozen=True, slots=True)
class Updates:
    """A choice on the screen of updates: "follow", "pace", "hour" or "quiet", and what."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether to tell of a change of the answer to `question`."""

    question: Question
    wanted: bool


@dataclass(frozen=True, slots=True)
class Export:
    """The record as a file."""

    format: Format
    language: Language


MOST_CARRIED = 64
"""Bytes: https://core.telegram.org/bots/api#inlinekeyboardbutton"""

Press = ChooseLanguage | Ask | TurnPage | Updates | Watch | Export
EXPORTED = (Format.CSV, Format.XLSX, Format.JSON)

CHOICES: dict[str, frozenset[str]] = {
    "follow": frozenset({*Follows, "none"}),
    "pace": frozenset({"at_once", "daily", "weekly"}),
    "hour": frozenset({"7", "9", "13", "19"}),
    "quiet": frozenset({"on", "off"}),
}


def parse(data: str) -> Press:
    if len(data) > MOST_CARRIED:
        raise OldButton(data)
    match data.split(":"):
        case ["l", code]:
            return ChooseLanguage(language_named(code))
        case ["t", topic, code]:
            return Ask(_topic(topic), language_named(code))
        case ["p" | "g" as kind, number, *rest] if number.isdecimal():
            return TurnPage(int(number), _question(kind, *rest))
        case ["w" | "x" as sign, *rest]:
            return Watch(_question(*rest), wanted=sign == "w")
        case ["e", format, code] if format in EXPORTED:
            return Export(Format(format), language_named(code))
        case ["u", "follow", "exchange", key]:
            return Updates("follow", of_exchange(key))
        case ["u", what, value] if value in CHOICES.get(what, ()):
            return Updates(what, value)
    raise OldButton(data)


def languages() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(LANGUAGE_NAMES[code], callback_data=f"l:{code}") for code in LANGUAGES]]
    )


def titles(tr: Translator) -> dict[Topic, str]:
    """A topic on a button; the first ten are the menu, the most asked first."""
    return {
        Topic.NEXT_EXCHANGE: tr.gettext("Next exchange"),
        Topic.LATEST_EXCHANGE: tr.gettext("Latest exchange"),
        Topic.EXCHANGE_HISTORY: tr.gettext("Past exchanges"),
        Topic.EXCHANGE_TOTALS: tr.gettext("How many came home"),
        Topic.HELD_IN_CAPTIVITY: tr.gettext("How many are held"),
        Topic.WHO_IS_INCLUDED: tr.gettext("Who goes first"),
        Topic.TALKS: tr.gettext("Talks"),
        Topic.ALL_FOR_ALL: tr.gettext("All for all"),
        Topic.STATEMENT: tr.gettext("Who said what"),
        Topic.CONTACTS: tr.gettext("Who to call"),
        Topic.DISTRESS: tr.gettext("It is very hard for me"),
        Topic.SCAM: tr.gettext("Somebody wants money"),
        Topic.FIND_PERSON: tr.gettext("About one person"),
        Topic.FAMILY_STEPS: tr.gettext("What a family can do"),
        Topic.AFTER_RELEASE: tr.gettext("After release"),
        Topic.CIVILIANS_AND_CHILDREN: tr.gettext("Civilians, children"),
        Topic.BODIES: tr.gettext("The fallen"),
        Topic.HOW_LISTS_ARE_MADE: tr.gettext("How lists are made"),
        Topic.SOURCES: tr.gettext("Where this comes from"),
        Topic.SUBSCRIBE: tr.gettext("Receive updates"),
        Topic.UNSUBSCRIBE: tr.gettext("Stop updates"),
        Topic.CHANGE_LANGUAGE: tr.gettext("Language"),
        Topic.PRIVACY: tr.gettext("What is kept about me"),
        Topic.ABOUT: tr.gettext("About this bot"),
    }


def exports(tr: Translator) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(format.upper(), callback_data=f"e:{format}:{tr.language}") for format in EXPORTED]]
    )


MENU = 10


def menu(tr: Translator) -> InlineKeyboardMarkup:
    """The topics that the record answers."""
    buttons = [
        InlineKeyboardButton(label, callback_data=f"t:{topic}:{tr.language}")
        for topic, label in islice(titles(tr).items(), MENU)
    ]
    return InlineKeyboardMarkup([buttons[at : at + 2] for at in range(0, len(buttons), 2)])


ALWAYS_AT_HAND = (
    (Topic.NEXT_EXCHANGE, Topic.LATEST_EXCHANGE),
    (Topic.FIND_PERSON, Topic.CONTACTS),
    (Topic.EXCHANGE_TOTALS,),
)
"""What is asked most, in the rows of the keyboard that stays under the text field."""


def at_hand(tr: Translator, chat_type: str) -> ReplyKeyboardMarkup | InlineKeyboardMarkup:
    """The keyboard that stays; in a group, where it would stay for everybody, the menu."""
    if chat_type != ChatType.PRIVATE:
        return menu(tr)
    labels = titles(tr)
    rows = [[labels[topic] for topic in row] for row in ALWAYS_AT_HAND]
    return ReplyKeyboardMarkup(
        rows,
        resize_keyboard=True,
        is_persistent=True,
        input_field_placeholder=tr.gettext("Ask in your own words"),
    )


def key_pressed(text: str) -> Ask | None:
    """The key that says just this: an old keyboard may be in the earlier language."""
    for language in LANGUAGES:
        for topic, label in titles(translator(language)).items():
            if label == text:
                return Ask(topic, language)
    return None


def options(tr: Translator, question: Question) -> InlineKeyboardMarkup:
    """What may have been meant; the answer then takes the place of the bot's question."""
    labels = titles(tr)
    meant = [replace(question, topic=topic, options=()) for topic in question.options]
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(labels[each.topic], callback_data=_page(relevant(each), 0))] for each in meant]
    )


@lru_cache(KEPT)
def below(tr: Translator, reply: Reply, number: int, *, watched: bool = False) -> InlineKeyboardMarkup | None:
    """What stands under page `number` of a reply."""
    if reply.question.options:
        return press_keys.dated(options(tr, reply.question).inline_keyboard, reply.as_of)
    match reply.question.topic:
        case Topic.CHANGE_LANGUAGE:
            return languages()
        case Topic.ABOUT | Topic.COURTESY | Topic.UNKNOWN:
            return menu(tr)
    rows = [*_pager(tr, reply, number), *press_keys.below(tr, reply)]
    if reply.question.topic in FINDERS and reply.as_of is None:
        label = tr.gettext("✓ I will tell you of a change") if watched else tr.gettext("Tell me if this changes")
        packed = relevant(reply.question).packed()
        rows.append([InlineKeyboardButton(label, callback_data=f"{'x' if watched else 'w'}:{packed}")])
    return press_keys.dated(rows, reply.as_of) if rows else None


def _pager(tr: Translator, reply: Reply, number: int) -> list[list[InlineKeyboardButton]]:
    """Back and forward; nothing for a single page."""
    question, pages = reply.question, len(reply.pages)
    if pages == 1:
        return []
    row = []
    if number > 0:
        back = tr.gettext("‹ Back")
        row.append(InlineKeyboardButton(back, callback_data=_page(question, number - 1)))
    if number < pages - 1:
        more = tr.gettext("Next ›")
        row.append(InlineKeyboardButton(more, callback_data=_page(question, number + 1)))
    return [row]


def _page(question: Question, number: int) -> str:
    kind, _, rest = question.packed().partition(":")
    return f"{kind}:{number}:{rest}"


def _question(*packed: str) -> Question:
    try:
        return unpacked(":".join(packed))
    except ValueError:
        raise OldButton(":".join(packed)) from None


def _topic(text: str) -> Topic:
    try:
        return Topic(text)
    except ValueError:
        raise OldButton(text) from None


def language_named(text: str) -> Language:
    for language in LANGUAGES:
        if language == text:
            return language
    raise OldButton(text)

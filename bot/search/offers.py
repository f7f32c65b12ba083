"""What is offered to somebody who types the bot's name and a few words in any chat: cards with their sources."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from bot import understanding
from bot.answers.ask import Answers
from bot.answers.pages import visible
from bot.i18n import Language, translator
from bot.search import Search, read
from bot.search.lines import shortened
from bot.search.listing import nothing
from bot.understanding import SURE, Question, Topic

MOST = 50
"""Telegram takes no more at once: https://core.telegram.org/bots/api#answerinlinequery"""
AT_FIRST = (Topic.LATEST_EXCHANGE, Topic.NEXT_EXCHANGE, Topic.EXCHANGE_TOTALS)
"""What is offered before a word is typed."""
KEPT, KEPT_AFTER_A_CHANGE = 60, 5
"""Seconds for which Telegram may offer the same to others. It cannot be told of a correction, so not for long; and
after one change others follow."""
UNSETTLED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Offer:
    key: str
    title: str
    about: str
    text: Markup
    topic: Topic | None = None
    """Of a ready answer: what it is called goes before its own first line."""


@dataclass(frozen=True, slots=True)
class Offers:
    offers: tuple[Offer, ...]
    language: Language
    next_offset: str
    kept_for: int
    """Seconds."""
    of_one_language: bool
    """Whether anybody who types the same is to be offered the same, whatever the language of their Telegram."""
    incomplete: bool
    """Whether nothing was found, or nothing that has all the words."""


async def offers(
    search: Search, answers: Answers, text: str, today: date, otherwise: Language, offset: str, bot_name: str
) -> Offers:
    """`otherwise` is the language of a text that has none; `offset` what the page before gave as its next."""
    sought = read(text, today, otherwise)
    shown = await search.shown(today)
    first = int(offset) if offset.isdecimal() and len(offset) < 10 else 0
    ready = [] if first else await _ready(answers, text, today, sought.language)
    found = None
    cards: list[Offer] = []
    following = 0
    if sought.words or sought.period:
        room = MOST - len(ready)
        found = await search.find(sought, today, first, room)
        for hit in found.hits:
            line, card = shown.line(hit, sought.language), shown.excerpt(hit, sought.language)
            if line and card:
                cards.append(Offer(hit.ref, line.title, line.about, card))
        following = first + room if first + room < found.total else 0
    is_nothing = not ready and not cards and not first
    if is_nothing:
        said = nothing(translator(sought.language), f"@{bot_name}")
        title, _, about = visible(said).partition("\n")
        cards = [Offer("nothing", shortened(title), shortened(about), said)]
    settled = datetime.now(UTC) - shown.changed_at > UNSETTLED
    return Offers(
        (*ready, *cards),
        sought.language,
        str(following or ""),
        KEPT if settled else KEPT_AFTER_A_CHANGE,
        sought.own_language,
        is_nothing or bool(found and len(found.words) < len(sought.words)),
    )


async def _ready(answers: Answers, text: str, today: date, language: Language) -> list[Offer]:
    """The answers to what is asked, if it is understood as a question with an answer that has sources."""
    if not text.strip():
        asked = [Question(topic, language, None, 1.0) for topic in AT_FIRST]
    else:
        question = replace(understanding.read(text, today, language), language=language)
        certain = question.confidence >= SURE and not question.options
        asked = [question] if certain else []
        if question.period and not certain:
            asked = [Question(Topic.EXCHANGE_HISTORY, language, question.period, 1.0)]
    ready = []
    for each in asked:
        reply = await answers.reply(each, today)
        if reply.sources:
            title, _, about = visible(reply.pages[0]).strip().partition("\n")
            key = f"answer:{each.topic}"
            ready.append(Offer(key, shortened(title), shortened(about), reply.pages[0], each.topic))
    return ready

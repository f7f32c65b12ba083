"""Updates of every kind the Bot API has, for Hypothesis: as Telegram sends them, and as nobody should.

They are built from python-telegram-bot's own classes, so any kind or field that the library learns is among them.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import telegram
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from telegram import CallbackQuery, Chat, Message, MessageEntity, TelegramObject, Update, User
from telegram.constants import ChatType

from bot.i18n import LANGUAGES
from bot.understanding import Topic
from handlers.commands import TOPIC_OF_COMMAND
from handlers.desk.routes import PRESSES
from handlers.keyboards import CHOICES

Json = Any

NOW = datetime(2026, 11, 22, tzinfo=UTC)
READER, STAFF, GROUP = 600_000_001, 600_000_002, -1_000_001
"""Chats that there are; of any other the Bot API knows nothing."""
TRAPS = [
    "",
    "\0",
    "\ud83d",
    "\u202eкнімбо илок\u2066",
    "ко\u200bли о\u00adбмін\ufeff",
    "🙏🏽" * 50,
    "e" + "\u0301" * 500,
    "обмін " * 600,
    "1" * 5_000,
    "²٣",
    "<b>%(name)s {0} &amp;",
]
SAID = [
    "коли наступний обмін?",
    "а в травні 2025?",
    "как подписаться",
    "when?",
    "22.11.2026 18:30",
    "5000000",
    "123456",
    "https://example.org/news Suspilne 22.11.2026",
    "card contacts",
    '{"kind": "exchange", "key": "x", "name": null, "round": null}',
    '{"":' * 1_023 + "0",
]
COMMANDS = [*TOPIC_OF_COMMAND, "start", "start desk-x", "help", "updates", "stop", "forget", "desk", "cancel", "x"]
NUMBERS = ["0", "1", "2", "99", "-1", "1" * 30]
PERIODS = ["", "20250101-20251231", "20251231-20250101", "00010101-99991231", "2025", "20250101"]
READERS_BUTTONS: list[tuple[Sequence[str], ...]] = [
    (["l"], LANGUAGES),
    (["t"], list(Topic), LANGUAGES),
    (["p", "g"], NUMBERS, list(Topic), PERIODS, ["", "zelensky", "nobody"], LANGUAGES),
    (["w", "x"], ["p", "g"], list(Topic), PERIODS, ["", "zelensky", "nobody"], LANGUAGES),
    (["u"], ["follow"], ["exchange"], ["2025-05-23", "nobody", ""]),
    (["u"], list(CHOICES), sorted(frozenset[str]().union(*CHOICES.values()))),
]

texts = st.sampled_from(SAID) | st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=()), max_size=40)
ids = st.sampled_from([0, 1, -1, 2**31, 2**52, 2**63 - 1, 2**63, -(2**63), 10**30]) | st.integers(-(2**63), 2**63)
entities = st.builds(
    MessageEntity, st.sampled_from(MessageEntity.ALL_TYPES), st.integers(0, 5_000), st.integers(0, 2**31)
)
PLAIN: dict[Any, SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: ids,
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: texts,
    datetime: st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    timedelta: st.integers(0, 2**31).map(lambda seconds: timedelta(seconds=seconds)),
    Chat: st.builds(Chat, st.sampled_from([READER, STAFF, GROUP]) | ids, st.sampled_from(ChatType) | texts),
    User: st.builds(User, st.sampled_from([READER, STAFF]) | ids, texts, st.booleans(), language_code=texts),
    MessageEntity: entities,
}
DEPTH = 4
"""Of objects in objects; those at the bottom have only what they must have."""


def some(hint: Any, depth: int = DEPTH) -> SearchStrategy[Any]:  # noqa: ANN401 - whatever a field is declared as
    """Values of a declared type."""
    if hint in PLAIN:
        return PLAIN[hint]
    if timedelta in get_args(hint):
        # The other way to say it, a number of seconds, may be too large for the library.
        return PLAIN[timedelta]
    inner = [some(each, depth) for each in get_args(hint) if each is not NoneType]
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(inner)
    if get_origin(hint) is Sequence:
        return st.lists(inner[0], max_size=2)
    if TelegramObject in getattr(hint, "__mro__", ()):
        return made(hint, depth - 1)
    return st.none()


def fields(kind: type[TelegramObject]) -> dict[str, Any]:
    """Name -> declared type."""
    hints = get_type_hints(kind.__init__, localns=vars(telegram))
    return {name: hint for name, hint in hints.items() if name not in ("return", "api_kwargs")}


@cache
def made(kind: type[TelegramObject], depth: int) -> SearchStrategy[Any]:
    """Objects of the Bot API; where there are several kinds of them, of each."""
    kinds: list[Any] = kind.__subclasses__()
    if kinds:
        return st.sampled_from(kinds).flatmap(lambda each: made(each, depth))
    hints, parameters = fields(kind), signature(kind).parameters
    must = [name for name in hints if parameters[name].default is Parameter.empty]
    may = sorted(hints.keys() - must)

    @st.composite
    def built(draw: DrawFn) -> TelegramObject:
        more = draw(st.sets(st.sampled_from(may), max_size=3)) if may and depth > 0 else set()
        values = {name: draw(some(hints[name], depth)) for name in [*must, *sorted(more)]}
        try:
            return kind(**values)
        except TypeError:
            # Some fields that it declares as optional the library wants all the same.
            return kind(**values, **{name: draw(some(hints[name], 0)) for name in may if name not in values})

    return built()


KINDS = {kind: some(hint) for kind, hint in fields(Update).items() if kind != "update_id"}


@st.composite
def of_any_kind(draw: DrawFn) -> Json:
    kind = draw(st.sampled_from(sorted(KINDS)))
    return Update(0, **{kind: draw(KINDS[kind])}).to_dict()


@st.composite
def buttons(draw: DrawFn) -> str:
    """What a button carries: ours, and forged in one place."""
    if draw(st.booleans()):
        verb = draw(st.sampled_from(sorted(PRESSES)))
        about = draw(st.from_regex(PRESSES[verb][0], fullmatch=True))
        # Few enough that they are often of something that there is.
        parts = ["d", verb, *(re.sub(r"^\d+$", lambda number: str(int(number[0]) % 5), about).split(":"))]
    else:
        parts = [draw(st.sampled_from(part)) for part in draw(st.sampled_from(READERS_BUTTONS))]
    if draw(st.integers(0, 3)) == 0:
        parts[draw(st.integers(0, len(parts) - 1))] = draw(st.sampled_from(TRAPS) | st.sampled_from(NUMBERS))
    return ":".join(parts)


def said(who: int, text: str, *marks: MessageEntity) -> Json:
    """By somebody whom the bot can answer."""
    command = [MessageEntity("bot_command", 0, len(text.split(" ")[0]))] if text.startswith("/") else []
    message = Message(1, NOW, _private(who), _user(who), text=text, entities=[*command, *marks])
    return Update(0, message=message).to_dict()


def pressed(who: int, data: str, under: int = 1) -> Json:
    message = Message(under, NOW, _private(who), text="...")
    return Update(0, callback_query=CallbackQuery("1", _user(who), "1", message, data)).to_dict()


def _private(who: int) -> Chat:
    return Chat(who, "private")


def _user(who: int) -> User:
    return User(who, "Olha", is_bot=False, language_code="uk")


in_private = st.builds(
    said, st.sampled_from([READER, STAFF]), texts | st.sampled_from(COMMANDS).map("/{}".format), entities
) | st.builds(pressed, st.sampled_from([READER, STAFF]), buttons(), st.integers(1, 50))
"""What the bot is there for."""


JUNK: SearchStrategy[Json] = (
    st.sampled_from([None, True, 0, -1.5, "", [], [None], {}, [[[]]], {"id": {}}]) | texts | ids
)


@st.composite
def spoiled(draw: DrawFn, updates: SearchStrategy[Json]) -> Json:
    """One value, anywhere in it, is another or gone."""
    update = inside = draw(updates)
    while True:
        key = draw(st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside))))
        value = inside[key]
        if not (isinstance(value, dict | list) and value and draw(st.integers(0, 3))):
            break
        inside = value
    if draw(st.booleans()):
        inside[key] = deepcopy(draw(JUNK))
    else:
        del inside[key]
    return update


WELL_FORMED = [*[in_private] * 5, *[of_any_kind()] * 3]
MALFORMED = [spoiled(in_private), spoiled(of_any_kind()), spoiled(spoiled(of_any_kind())), JUNK]


@st.composite
def updates(draw: DrawFn) -> Json:
    return draw(draw(st.sampled_from([*WELL_FORMED, *MALFORMED])))

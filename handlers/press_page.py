"""What the press follows, on one screen: chosen by its buttons, and named as the record names it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.answers.facts import Exchange
from bot.answers.pages import visible
from bot.answers.parts import Parts, opening
from bot.delivery import press
from bot.delivery.subscriptions import of_exchange
from bot.i18n import Translator, today_in_kyiv
from bot.press.cards import LABEL, label
from bot.press.citation import Found
from bot.press.refs import Kind as RefKind
from bot.press.refs import Ref, digest
from bot.search import Shown
from bot.zones import OFFERED, city
from handlers.context import Context
from handlers.desk.views import kind_name
from handlers.subscriptions import clock, followed, rhythm
from models.base import Wording
from models.desk import Kind
from models.people import Pace, Reader
from models.record import Side

SPEAKERS_ON_A_PAGE = 4
HOURS_IN_A_ROW = 6
Rows = list[list[InlineKeyboardButton]]


@dataclass(frozen=True)
class Names:
    """What can be followed, and what it is called in one language."""

    tr: Translator
    shown: Shown
    speakers: Mapping[str, Wording]
    """Officials, the latest to speak first."""

    @classmethod
    async def now(cls, context: Context, tr: Translator) -> "Names":
        shown = await context.services.search.shown(today_in_kyiv())
        spoken = {
            claim.speaker_key: claim.speaker
            for claim in reversed(shown.record.claims)
            if claim.speaker_key and claim.speaker and claim.speaker_key not in set(Side)
        }
        return cls(tr, shown, spoken)

    def all(self) -> list[str]:
        """Everything that can be chosen by a button."""
        return [
            *map(press.of_kind, Kind),
            *map(press.of_side, press.SIDES),
            *map(press.of_speaker, self.speakers),
            *(of_exchange(exchange.key) for exchange in self.shown.record.exchanges),
        ]

    def of(self, what: str) -> str:
        tr = self.tr
        kind, _, key = what.partition(":")
        match kind:
            case "kind":
                return kind_name(tr, Kind(key))
            case "side":
                return {
                    Side.UKRAINE: tr.gettext("What Ukraine says"),
                    Side.RUSSIA: tr.gettext("What Russia says"),
                    press.OTHERS: tr.gettext("What others say"),
                }[key]
            case "speaker" if key in self.speakers:
                return _short(visible(opening(self.speakers[key].spoken(tr.language)[0])))
            case "exchange":
                named = label(self.shown.record, Ref(RefKind.EXCHANGE, key), Parts(tr))
                return named or tr.gettext("An exchange that has left our record")
            case "search":
                words = ", ".join(self.shown.spelled(stem, tr.language) for stem in press.stems_of(what))
                return tr.gettext("Search: %(words)s", words=words)
        return tr.gettext("An official who has left our record")


def _short(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def key(tr: Translator, label: str, verb: str, about: str = "", number: int = 0) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=f"b:{verb}:{about}:{number}:{tr.language}")


def below(tr: Translator, cited: Found | None) -> InlineKeyboardMarkup | None:
    """Under a citation card: to be told when its speaker speaks again, or how the exchange goes on."""
    if isinstance(cited, Exchange):
        what, label = of_exchange(cited.key), tr.gettext("Follow this exchange")
    elif cited and (speaker := cited[0].speaker_key):
        of_side = speaker in set(Side)
        what = press.of_side(speaker) if of_side else press.of_speaker(speaker)
        label = tr.gettext("Follow this side") if of_side else tr.gettext("Follow this speaker")
    else:
        return None
    return InlineKeyboardMarkup([[key(tr, label, "add", digest(what))]])


def text(names: Names, reader: Reader | None, chosen: Sequence[str]) -> Markup:
    tr = names.tr
    lines = [tr.html("<b>For the press</b>")]
    if chosen:
        lines.append(tr.html("You are told, once, of each post that one of these fits:"))
        lines += [Markup("• {}").format(names.of(what)) for what in chosen]
    else:
        lines.append(tr.html("Choose of which posts you want to be told. You get each of them once."))
    if reader and reader.follows:
        lines.append(tr.html("Besides, you get: %(what)s.", what=followed(tr, reader.follows)))
    if reader and (chosen or reader.follows):
        lines += rhythm(tr, reader)
    how = tr.html(
        "A post fits a side or an official if it carries their statement. To follow words: /search Medinsky, "
        "then the button “Follow this search”. Another time zone: /zone Berlin"
    )
    return Markup("\n").join(lines) + "\n\n" + how


def keyboard(
    names: Names, reader: Reader | None, chosen: Sequence[str], exchanges: Iterable[Exchange], number: int
) -> InlineKeyboardMarkup:
    """What is chosen and has no button of its own here gets one that removes it."""
    tr = names.tr
    of_all = [press.of_speaker(speaker) for speaker in names.speakers]
    last = max(0, (len(of_all) - 1) // SPEAKERS_ON_A_PAGE)
    number = min(number, last)
    speakers = of_all[number * SPEAKERS_ON_A_PAGE : (number + 1) * SPEAKERS_ON_A_PAGE]
    kinds, sides = [*map(press.of_kind, Kind)], [*map(press.of_side, press.SIDES)]
    current = [of_exchange(exchange.key) for exchange in exchanges]
    others = [what for what in chosen if what not in {*kinds, *sides, *current, *speakers}]

    def choice(what: str, mark: str = "✓") -> InlineKeyboardButton:
        named = names.of(what)
        return key(tr, f"{mark} {named}" if what in chosen else named, "in", digest(what), number)

    rows: Rows = [[choice(what) for what in kinds[at : at + 2]] for at in range(0, len(kinds), 2)]
    rows += [[choice(what) for what in sides[:2]], [choice(what) for what in sides[2:]]]
    rows += [[choice(what)] for what in (*current, *speakers)]
    turning = []
    if number > 0:
        turning.append(key(tr, tr.gettext("‹ Other officials"), "page", number=number - 1))
    if number < last:
        turning.append(key(tr, tr.gettext("Other officials ›"), "page", number=number + 1))
    rows.append(turning)
    rows += [[choice(what, "✕")] for what in others]
    if reader and (chosen or reader.follows):
        rows += _when(tr, reader, number)
        if chosen and reader.follows:
            rows.append([key(tr, tr.gettext("Only what is chosen here"), "only", number=number)])
    return InlineKeyboardMarkup([row for row in rows if row])


def _when(tr: Translator, reader: Reader, number: int) -> Rows:
    paces = {
        Pace.AT_ONCE: tr.gettext("At once"),
        Pace.DAILY: tr.gettext("Daily"),
        Pace.WEEKLY: tr.gettext("Weekly"),
    }
    row = [
        key(tr, f"✓ {label}" if pace == reader.pace else label, "pace", pace, number)
        for pace, label in paces.items()
    ]
    hour = key(tr, tr.gettext("Hour: %(hour)s:00", hour=reader.digest_hour), "hours", number=number)
    zone = key(tr, tr.gettext("Time zone: %(city)s", city=city(reader.zone, tr)), "zones", number=number)
    return [row, [zone] if reader.pace == Pace.AT_ONCE else [hour, zone]]


def hours(tr: Translator, reader: Reader | None, number: int) -> tuple[Markup, InlineKeyboardMarkup]:
    keys = [key(tr, f"{hour}:00", "hour", str(hour), number) for hour in range(24)]
    rows = [keys[at : at + HOURS_IN_A_ROW] for at in range(0, len(keys), HOURS_IN_A_ROW)]
    told = clock(tr, reader) if reader else tr.gettext("Kyiv time")
    return tr.html("At which hour shall updates come (%(clock)s)?", clock=told), InlineKeyboardMarkup(
        [*rows, _back(tr, number)]
    )


def zones(tr: Translator) -> tuple[Markup, InlineKeyboardMarkup]:
    text = tr.html("By whose clock? For any other city, write it like this: /zone Tbilisi or /zone Asia/Tbilisi")
    return text, zone_keys(tr, OFFERED)


def zones_in_place(tr: Translator, number: int) -> tuple[Markup, InlineKeyboardMarkup]:
    text, offered = zones(tr)
    return text, InlineKeyboardMarkup([*offered.inline_keyboard, _back(tr, number)])


def _back(tr: Translator, number: int) -> list[InlineKeyboardButton]:
    """To the page that these took the place of."""
    return [key(tr, tr.gettext("‹ Back"), "page", number=number)]


def zone_keys(tr: Translator, offered: Sequence[str]) -> InlineKeyboardMarkup:
    keys = [key(tr, city(zone, tr), "zone", zone) for zone in offered]
    return InlineKeyboardMarkup([keys[at : at + 2] for at in range(0, len(keys), 2)])

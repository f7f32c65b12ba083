"""Catalogues, plurals, dates and numbers in the three languages of the product.

The `.po` files are read directly when a language is first used: there is no compiled catalogue that could be
older than its source.
"""

import gettext
import io
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

Language = Literal["uk", "en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_NAMES: dict[Language, str] = {"uk": "Українська", "en": "English", "ru": "Русский"}
KYIV = ZoneInfo("Europe/Kyiv")
_WEIGHT = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)
LOCALES = Path(__file__).parent.parent / "locales"


def today_in_kyiv() -> date:
    return datetime.now(KYIV).date()


def guess_language(telegram_code: str | None) -> Language:
    """The language to begin with, from the IETF tag of Telegram's `language_code`.

    >>> guess_language("uk-UA"), guess_language("de"), guess_language(None)
    ('uk', 'en', 'uk')
    """
    if not telegram_code:
        return "uk"
    primary = telegram_code.lower().partition("-")[0]
    return next((language for language in LANGUAGES if language == primary), "en")


def liked_language(accepted: str) -> Language:
    """The one of ours that a browser likes best, from its `Accept-Language` (RFC 9110, 12.5.4).

    >>> liked_language("de, ru;q=0.8, uk-UA;q=0.9"), liked_language("de, uk;q=0"), liked_language("")
    ('uk', 'en', 'uk')
    """
    tags: list[tuple[float, str]] = []
    for part in accepted.lower().replace(" ", "").split(","):
        tag, _, parameter = part.partition(";")
        weight = _WEIGHT.fullmatch(parameter)
        tags.append((float(weight[1]) if weight else 1.0, tag.partition("-")[0]))
    liked = [tag for weight, tag in sorted(tags, key=lambda tag: tag[0], reverse=True) if weight]
    ours = (language for tag in liked for language in LANGUAGES if language == tag)
    return next(ours, None) or guess_language(next(iter(liked), None))


class Translator:
    """Everything that depends on a language. Messages are whole sentences with named placeholders.

    `gettext` and `ngettext` give plain text; `html` and `nhtml` give Telegram HTML, whose placeholders are
    escaped unless they are `Markup` already.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        # British dates put the day first, as the other two languages do.
        self._locale = Locale.parse("en_GB" if language == "en" else language)
        with (LOCALES / language / "LC_MESSAGES" / "obmin.po").open("rb") as source:
            catalogue = read_po(source, locale=language)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._translations = gettext.GNUTranslations(compiled)

    def gettext(self, message: str, **values: object) -> str:
        return self._translations.gettext(message) % values

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The form for `n`; inside the message `%(n)s` is `n` as the language writes numbers."""
        return self._translations.ngettext(one, many, n) % {"n": self.number(n), **values}

    def html(self, message: str, **values: object) -> Markup:
        return Markup(self._translations.gettext(message)) % values  # noqa: S704 - catalogues are ours

    def nhtml(self, one: str, many: str, n: int, **values: object) -> Markup:
        template = Markup(self._translations.ngettext(one, many, n))  # noqa: S704 - catalogues are ours
        return template % {"n": self.number(n), **values}

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self._locale)

    def day(self, value: date) -> str:
        """A day in words, with its year: 19 квітня 2025 р."""
        return format_date(value, format="long", locale=self._locale)

    def partial_date(self, iso: str) -> str:
        """A date as exact as it is known: `2022-03-01`, `2022-03` or `2022`, in words."""
        year, month, day = (*iso.split("-"), "", "")[:3]
        if day:
            return self.day(date.fromisoformat(iso))
        if month:
            return format_skeleton("yMMMM", date(int(year), int(month), 1), locale=self._locale)
        return year

    def month_name(self, value: date) -> str:
        """The month alone: травень."""
        return format_date(value, format="LLLL", locale=self._locale)

    def days(self, first: date, last: date) -> str:
        """A day, a whole month, a whole year or a range, in words."""
        if first == last:
            return self.day(first)
        if first.day == 1 and (last + timedelta(days=1)).day == 1:
            if (first.year, first.month) == (last.year, last.month):
                return format_skeleton("yMMMM", first, locale=self._locale)
            if (first.year, first.month, last.month) == (last.year, 1, 12):
                return self.gettext("%(year)s", year=first.year)
        if first.year != last.year:
            return f"{self.day(first)} – {self.day(last)}"
        if first.month != last.month:
            return f"{format_date(first, 'd MMMM', locale=self._locale)} – {self.day(last)}"
        return f"{first.day}–{self.day(last)}"

    def moment(self, value: datetime) -> str:
        """A day and time as the clocks in Kyiv showed it, whatever the zone of `value`."""
        kyiv = value.astimezone(KYIV)
        return f"{self.day(kyiv.date())}, {format_time(kyiv, 'short', tzinfo=KYIV, locale=self._locale)}"

    def exemplar_city(self, zone: str) -> str | None:
        """What the language calls the city of a time zone, where it has a word of its own."""
        city: str | None = self._locale.time_zones.get(zone, {}).get("city")
        return city

    def list(self, items: Sequence[str]) -> str:
        return format_list(items, locale=self._locale)


@cache
def translator(language: Language) -> Translator:
    return Translator(language)

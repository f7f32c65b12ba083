"""Time zones, as people name them: by a city, in any of the three languages, or by the IANA's own name."""

import difflib
from collections import defaultdict
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.core import get_global

from bot.i18n import LANGUAGES, Translator, translator
from bot.understanding.normal import clean, key

OFFERED = (
    "Europe/Kyiv",
    "Europe/Warsaw",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Istanbul",
    "Asia/Dubai",
    "America/New_York",
    "Asia/Tokyo",
)
"""On buttons; all others can be typed."""
LONGEST = 40
"""Characters of a name that are looked at: no zone has more."""
NEAREST = 4
ALIKE = 0.7
"""From 0 to 1: how much of a word a near one shares with it."""


def clock(zone: str | None) -> ZoneInfo:
    """Kyiv's for no zone, and for one that this system's data do not know (any more): it must hold up no post."""
    try:
        return ZoneInfo(zone or OFFERED[0])
    except ZoneInfoNotFoundError:
        return ZoneInfo(OFFERED[0])


def meant(text: str) -> tuple[str, ...]:
    """The zones that a name stands for: one, none, or several to choose from."""
    return _by_name().get(_skeleton(text), ())


def nearest(text: str) -> tuple[str, ...]:
    """Zones whose names look most like it."""
    names = difflib.get_close_matches(_skeleton(text), _by_name(), n=NEAREST, cutoff=ALIKE)
    return tuple(dict.fromkeys(zone for name in names for zone in _by_name()[name]))[:NEAREST]


def city(zone: str, tr: Translator) -> str:
    """As the language calls it."""
    for name in (zone, *_older_names().get(zone, ())):
        if called := tr.exemplar_city(name):
            return called
    return zone.rpartition("/")[2].replace("_", " ")


def _skeleton(text: str) -> str:
    """One for all spellings: «Берлін», "Berlin", "europe/berlin" and its end."""
    return key(clean(text.strip().strip(".")[:LONGEST]).replace("_", " ").replace("-", " "))


@cache
def known() -> tuple[str, ...]:
    """Those of cities, and UTC; not the names that were given up for newer ones."""
    given_up = {old for older in _older_names().values() for old in older}
    cities = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return ("UTC", *sorted(cities - given_up))


@cache
def _older_names() -> dict[str, tuple[str, ...]]:
    older: defaultdict[str, list[str]] = defaultdict(list)
    for old, new in get_global("zone_aliases").items():
        older[new].append(old)
    return {new: tuple(names) for new, names in older.items()}


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    named: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for zone in known():
        written = [zone, *_older_names().get(zone, ())]
        spoken = [city(zone, translator(language)) for language in LANGUAGES]
        for name in (*written, *(name.rpartition("/")[2] for name in written), *spoken):
            named[_skeleton(name)][zone] = None
    return {name: tuple(zones) for name, zones in named.items()}

"""Days that somebody announced for an exchange, as iCalendar (RFC 5545).

A withheld day is not an event, and an announcement is only tentative: only an exchange that took place is
confirmed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from icalendar import Calendar, Event

from bot.answers.facts import Claim, Exchange
from bot.answers.find import SET_BACK
from bot.answers.pages import visible
from bot.answers.parts import Parts
from bot.i18n import Language, Translator, translator
from bot.opendata.edition import Edition
from bot.opendata.library import File
from models.record import StageName

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
REFRESHED_EVERY = timedelta(hours=1)
"""By subscribers; the property's older name is written out below."""


@dataclass(frozen=True)
class Announced:
    exchange: Exchange
    day: date
    claims: tuple[Claim, ...]
    """Those that name the day, and those that take it back, oldest first."""
    status: str


def announced(exchanges: Iterable[Exchange]) -> Iterator[Announced]:
    for exchange in exchanges:
        staged = sorted((claim for claim in exchange.claims if claim.stage), key=lambda claim: claim.known_on)
        for day in dict.fromkeys(claim.stage.day for claim in staged if claim.stage and claim.stage.day):
            naming = [claim for claim in staged if _names(claim, day)]
            if not naming and not any(_cancels(claim, day) for claim in staged):
                continue
            after = staged[staged.index(naming[0]) :] if naming else staged
            about = tuple(claim for claim in after if claim in naming or _takes_back(claim, day))
            yield Announced(exchange, day, about, _status(exchange, day, naming, staged))


def _names(claim: Claim, day: date) -> bool:
    """Not the day of a completed exchange, which announces nothing, nor of a cancelled one."""
    stage = claim.stage
    return bool(stage and stage.day == day and stage.stage not in (StageName.COMPLETED, StageName.CANCELLED))


def _cancels(claim: Claim, day: date) -> bool:
    return bool(claim.stage and claim.stage.stage is StageName.CANCELLED and claim.stage.day == day)


def _takes_back(claim: Claim, day: date) -> bool:
    """Whether, by this claim, it will not be on that day: put off, cancelled, or on another one."""
    stage = claim.stage
    if stage is None or stage.stage is StageName.COMPLETED or _names(claim, day):
        return False
    return stage.stage in SET_BACK or stage.day is not None


def _status(exchange: Exchange, day: date, naming: list[Claim], staged: list[Claim]) -> str:
    if any(handover.day == day and handover.confirmed for handover in exchange.handovers):
        return CONFIRMED
    standing = [
        claim
        for claim in naming
        if not any(
            later.side is claim.side and _takes_back(later, day) for later in staged[staged.index(claim) + 1 :]
        )
    ]
    return TENTATIVE if standing else CANCELLED


def calendar_file(edition: Edition, language: Language) -> File:
    tr = translator(language)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Obmin//Exchanges of prisoners//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", tr.gettext("Exchanges of prisoners: announced days"))
    calendar.add("x-wr-calname", tr.gettext("Exchanges of prisoners: announced days"))
    calendar.add("x-wr-timezone", "Europe/Kyiv")
    calendar.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for each in announced(edition.record.exchanges):
        calendar.add_component(_event(each, edition, tr))
    content = calendar.to_ical()
    name, media_type = f"obmin-{language}.ics", "text/calendar; charset=utf-8"
    return File(name, media_type, content, edition.number, edition.changed_at)


def _event(each: Announced, edition: Edition, tr: Translator) -> Event:
    event = Event()
    event.add("uid", f"{each.exchange.key}-{each.day.isoformat()}@obmin")
    event.add("dtstamp", edition.changed_at)
    event.add("sequence", len(each.claims) - 1)
    event.add("dtstart", each.day)
    event.add("dtend", each.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("status", each.status)
    summary = {
        TENTATIVE: tr.gettext("Exchange of prisoners: announced, not confirmed"),
        CONFIRMED: tr.gettext("Exchange of prisoners: it took place"),
        CANCELLED: tr.gettext("Exchange of prisoners: this day was taken back"),
    }[each.status]
    event.add("summary", summary)
    event.add("description", visible("\n\n".join(Parts(tr).claim(claim) for claim in each.claims)))
    for source in dict.fromkeys(source for claim in each.claims for source in claim.sources):
        if source.url:
            event.add("attach" if "url" in event else "url", source.url)
    return event

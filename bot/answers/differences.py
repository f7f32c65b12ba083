"""What a release changed in the record, in words: before, and now."""

from markupsafe import Markup

from bot.answers.parts import SPACE, Parts, opening
from bot.desk.difference import Changed, Day, Number
from bot.i18n import Translator
from models.base import Wording
from models.desk import PostRevision
from models.record import StageName

MOST = 3
"""Changes listed in one post."""


def changed(of: PostRevision, parts: Parts, most: int = MOST) -> Markup | None:
    told = [_sentence(Changed.model_validate(each), parts) for each in of.changed[:most]]
    if not told:
        return None
    return parts.tr.html("<b>Changed in our record:</b> %(what)s", what=SPACE.join(dict.fromkeys(told)))


def _sentence(change: Changed, parts: Parts) -> Markup:
    """A day or a number that is now withheld is not repeated: its publication may be why."""
    tr, who = parts.tr, opening(_who(change, parts))
    match change.about, change.was, change.now:
        case "stage", StageName() as was, StageName() as now:
            names = {"was": stage_name(tr, was), "now": stage_name(tr, now)}
            return tr.html("%(who)s – stage: before “%(was)s”, now “%(now)s”.", who=who, **names)
        case "stage", _, _:
            return tr.html("%(who)s – stage: our record names none any more.", who=who)
        case "held_on", Day(day=was), Day(day=now) if was and now:
            return tr.html("Day of the exchange: before %(was)s, now %(now)s.", was=tr.day(was), now=tr.day(now))
        case "held_on", _, _:
            return tr.html("Day of the exchange: our record names none any more.")
        case "day", Day(day=was), Day(day=now) if was and now:
            return tr.html(
                "%(who)s – date: before %(was)s, now %(now)s.", who=who, was=tr.day(was), now=tr.day(now)
            )
        case "day", Day(), Day(day=now) if now:
            return tr.html("%(who)s – date: not made public before, now %(now)s.", who=who, now=tr.day(now))
        case "day", _, Day(day=now) if now:
            return tr.html("%(who)s – date: not named before, now %(now)s.", who=who, now=tr.day(now))
        case "day", _, Day(withheld_by=side) if side:
            withheld = parts.side(side)
            return tr.html("%(who)s – date: now not made public. Withheld by: %(side)s.", who=who, side=withheld)
        case "day", _, _:
            return tr.html("%(who)s – date: our record names none any more.", who=who)
        case _, Number() as number, now:
            told = parts.labelled(number.what, change.side, _numbers(number, now, parts))
            return Markup("{} – {}").format(who, told) if change.speaker else told
    raise ValueError(change.about)


def _numbers(was: Number, now: object, parts: Parts) -> Markup:
    tr = parts.tr
    if not isinstance(now, Number):
        return tr.html("our record names none any more")
    people = parts.people(now.count())
    if now.withheld_by:
        return people
    if was.withheld_by:
        return tr.html("not made public before, now %(now)s", now=people)
    return tr.html("before %(was)s, now %(now)s", was=parts.people(was.count()), now=people)


def _who(change: Changed, parts: Parts) -> Markup | str:
    if change.side:
        return parts.side(change.side)
    if change.speaker:
        return parts.words(Wording.from_json(change.speaker))
    return parts.tr.gettext("published reports")


def stage_name(tr: Translator, stage: StageName) -> str:
    return {
        StageName.DISCUSSED: tr.gettext("discussed"),
        StageName.AGREED: tr.gettext("agreed"),
        StageName.DATE_SET: tr.gettext("date set"),
        StageName.PREPARING: tr.gettext("being prepared"),
        StageName.UNDER_WAY: tr.gettext("under way"),
        StageName.COMPLETED: tr.gettext("completed"),
        StageName.POSTPONED: tr.gettext("put off"),
        StageName.CANCELLED: tr.gettext("cancelled"),
    }[stage]

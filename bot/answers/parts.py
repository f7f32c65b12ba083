"""The parts that answers are put together from, in one language: a claim, a number, an exchange, a source.

Names stand in the nominative after a colon or before one, so that no sentence has to bend them.
"""

from collections.abc import Iterable
from functools import cache

from markupsafe import Markup

from bot.answers.facts import Cited, Claim, Count, Exchange, Handover
from bot.answers.sums import add_up, addable
from bot.i18n import Translator
from models.base import Wording
from models.record import Qualifier, Scope, Side, StageName, StatementSort, What

Blocks = list[Markup]
LINE = Markup("\n")
SPACE = Markup(" ")
RETURNED = (What.RETURNED_TO_UKRAINE, What.RETURNED_TO_RUSSIA)


def opening(text: Markup | str) -> Markup:
    """For the start of a line: two of the languages write months and institutions in lower case."""
    return Markup.escape(text[:1].upper()) + text[1:]


class Parts:
    def __init__(self, translator: Translator) -> None:
        self.tr = translator
        self.cited: dict[Cited, None] = {}
        """Every source written so far, in order."""

    def words(self, wording: Wording) -> Markup:
        text, is_original = wording.spoken(self.tr.language)
        if is_original:
            return self.tr.html("%(text)s (in the original language)", text=text)
        return Markup.escape(text)

    def names(self, wordings: Iterable[Wording]) -> Markup:
        return Markup(", ").join(dict.fromkeys(self.words(wording) for wording in wordings))

    def side(self, side: Side) -> str:
        return {
            Side.UKRAINE: self.tr.gettext("Ukraine"),
            Side.RUSSIA: self.tr.gettext("Russia"),
        }[side]

    # Sources

    def source(self, cited: Cited) -> Markup:
        tr = self.tr
        name = self.words(cited.publisher) if cited.publisher else Markup.escape(cited.title or "")
        if cited.published and cited.publisher:
            day = tr.partial_date(cited.published)
            name = tr.html("%(publisher)s, %(day)s", publisher=name, day=day)
        if cited.url:
            return Markup('<a href="{}">{}</a>').format(cited.url, name)
        # In full the first time, and by its publisher after that.
        first_time = cited not in self.cited
        title = (
            tr.html("“%(title)s”", title=cited.title) if cited.title and cited.publisher and first_time else None
        )
        note = self.words(cited.note) if cited.note and not title else None
        return Markup(", ").join(part for part in (title, name, note) if part)

    def sources(self, cited: Iterable[Cited]) -> Markup:
        unique = list(dict.fromkeys(cited))
        listed = Markup("; ").join(self.source(source) for source in unique)
        self.cited.update(dict.fromkeys(unique))
        if len(unique) == 1:
            return self.tr.html("Source: %(source)s.", source=listed)
        return self.tr.html("Sources: %(sources)s.", sources=listed)

    # Numbers

    def people(self, count: Count) -> Markup:
        tr, n = self.tr, count.value
        if n is None:
            return self._untold(count)
        match count.qualifier:
            case Qualifier.AT_LEAST:
                return tr.nhtml("at least %(n)s person", "at least %(n)s people", n)
            case Qualifier.UP_TO:
                return tr.nhtml("up to %(n)s person", "up to %(n)s people", n)
            case Qualifier.ABOUT:
                return tr.nhtml("about %(n)s person", "about %(n)s people", n)
            case _:
                return tr.nhtml("%(n)s person", "%(n)s people", n)

    def _untold(self, count: Count) -> Markup:
        if count.withheld_by is Side.UKRAINE:
            return self.tr.html("the number is withheld by Ukraine")
        if count.withheld_by is Side.RUSSIA:
            return self.tr.html("the number is withheld by Russia")
        return self.tr.html("the number was not stated")

    def labelled(self, what: What, side: Side | None, people: Markup) -> Markup:
        """What is counted, by whose account, and how many."""
        label = _labels(self.tr)[what, side]
        return self.tr.html("%(label)s: %(people)s.", label=label, people=people)

    def count(self, count: Count, *, attributed: bool = True) -> Markup:
        """A figure as a sentence or two; `attributed` where nothing around it says whose it is."""
        tr = self.tr
        side = count.side if attributed and not count.withheld_by else None
        sentences = [self.labelled(count.what, side, self.people(count))]
        if count.scope is Scope.EACH_SIDE:
            sentences.append(tr.html("This is the number for each side."))
        if count.scope is Scope.NOT_STATED:
            sentences.append(tr.html("It was not stated whether this is for each side or in all."))
        if count.note:
            sentences.append(tr.html("What is counted: %(note)s.", note=self.words(count.note)))
        if count.our_sum:
            sentences.append(tr.html("The sum is ours."))
        return SPACE.join(sentences)

    # Claims

    def attribution(self, claim: Claim) -> Markup:
        tr = self.tr
        day = tr.day(claim.said_on) if claim.said_on else tr.gettext("on a day not known to us")
        if not claim.speaker:
            return tr.html("<b>Reported</b>, %(day)s:", day=day)
        speaker = opening(self.words(claim.speaker))
        if claim.role:
            role = self.words(claim.role)
            return tr.html("<b>%(speaker)s</b>, %(role)s, %(day)s:", speaker=speaker, role=role, day=day)
        return tr.html("<b>%(speaker)s</b>, %(day)s:", speaker=speaker, day=day)

    def claim(self, claim: Claim, *, staged: bool = True) -> Markup:
        """Who said it, in what role, when; what; how far it had come; through whom; where it was read."""
        tr = self.tr
        lines = [self.attribution(claim)]
        if claim.gist:
            lines.append(self.words(claim.gist))
        lines += [self.count(count, attributed=False) for count in claim.counts]
        if claim.stage and staged:
            lines.append(self.stage(claim.stage.stage))
            if claim.stage.day:
                lines.append(tr.html("Date named: %(day)s.", day=tr.day(claim.stage.day)))
            if claim.stage.day_withheld_by:
                side = self.side(claim.stage.day_withheld_by)
                lines.append(tr.html("The date is not made public. Withheld by: %(side)s.", side=side))
        if claim.mediators:
            lines.append(tr.html("Mediators: %(names)s.", names=self.names(claim.mediators)))
        if claim.relayed_by:
            lines.append(tr.html("Reached us through: %(names)s.", names=self.names(claim.relayed_by)))
        lines.append(self.sources(claim.sources))
        return LINE.join(lines)

    def stage(self, stage: StageName) -> Markup:
        tr = self.tr
        return {
            StageName.DISCUSSED: tr.html("Stage, by this statement: discussed. Nothing is agreed by that yet."),
            StageName.AGREED: tr.html("Stage, by this statement: agreed. This does not mean that a date is set."),
            StageName.DATE_SET: tr.html("Stage, by this statement: a date is set."),
            StageName.PREPARING: tr.html("Stage, by this statement: being prepared."),
            StageName.UNDER_WAY: tr.html("Stage, by this statement: under way."),
            StageName.COMPLETED: tr.html("Stage, by this statement: completed."),
            StageName.POSTPONED: tr.html("Stage, by this statement: put off."),
            StageName.CANCELLED: tr.html("Stage, by this statement: cancelled."),
        }[stage]

    # Exchanges

    def span(self, exchange: Exchange) -> str:
        return self.tr.days(exchange.first_day, exchange.last_day)

    def heading(self, exchange: Exchange, handovers: tuple[Handover, ...]) -> Markup:
        """The days, and the name of the exchange that they are all or part of."""
        tr = self.tr
        days = tr.days(handovers[0].day, handovers[-1].day)
        if handovers != exchange.handovers:
            return tr.html(
                "<b>%(days)s</b>, part of the exchange of %(span)s", days=days, span=self.span(exchange)
            )
        if exchange.name:
            return tr.html("<b>%(days)s</b>, %(name)s", days=days, name=self.words(exchange.name))
        return tr.html("<b>%(days)s</b>", days=days)

    def numbers(self, handovers: tuple[Handover, ...]) -> Markup:
        """How many came home, in both directions: a sum where one may be made, otherwise every number."""
        lines: list[Markup] = []
        for what in RETURNED:
            counts = [handover.counts(what) for handover in handovers]
            if len(handovers) == 1:
                lines += [self.count(count) for count in counts[0]]
                if not counts[0] and not handovers[0].counts(What.EXCHANGED):
                    lines.append(self.labelled(what, None, self.tr.html("the number is not known to us")))
            elif all(len(addable(handover, what)) == 1 == len(handover.counts(what)) for handover in handovers):
                people = self.tr.nhtml("%(n)s person", "%(n)s people", add_up(handovers, what).people)
                lines.append(SPACE.join([self.labelled(what, None, people), self.tr.html("The sum is ours.")]))
            else:
                lines += self._day_by_day(handovers, what)
        for handover in handovers:
            day = None if len(handovers) == 1 else handover
            lines += [self._on_day(day, count) for count in handover.counts(What.EXCHANGED)]
        return LINE.join(lines)

    def _day_by_day(self, handovers: tuple[Handover, ...], what: What) -> list[Markup]:
        """The numbers of those days that have one, and how many days have none."""
        tr = self.tr
        lines = []
        not_stated = unknown = 0
        for handover in handovers:
            counts = handover.counts(what)
            lines += [self._on_day(handover, count) for count in counts if count.value is not None]
            not_stated += bool(counts) and all(count.value is None for count in counts)
            unknown += not counts and not handover.counts(What.EXCHANGED)
        if not_stated:
            people = tr.nhtml(
                "for %(n)s day the number was not stated",
                "for %(n)s days the number was not stated",
                not_stated,
            )
            lines.append(self.labelled(what, None, people))
        if unknown:
            people = tr.nhtml(
                "for %(n)s day the number is not known to us",
                "for %(n)s days the number is not known to us",
                unknown,
            )
            lines.append(self.labelled(what, None, people))
        return lines

    def _on_day(self, handover: Handover | None, count: Count) -> Markup:
        if handover is None:
            return self.count(count)
        return self.tr.html("%(day)s: %(figure)s", day=self.tr.day(handover.day), figure=self.count(count))

    def handover(self, handover: Handover) -> Markup:
        """One day of an exchange in full."""
        tr = self.tr
        lines = [tr.html("<b>%(days)s</b>", days=tr.day(handover.day))]
        if not handover.confirmed:
            lines.append(tr.html("<b>Not confirmed.</b>"))
        else:
            lines.append(self.numbers((handover,)))
        lines.append(self.circumstances(handover))
        return LINE.join(line for line in lines if line)

    def circumstances(self, handover: Handover) -> Markup:
        tr = self.tr
        lines = [
            self.words(claim.gist)
            for claim in handover.claims
            if claim.gist and claim.sort is StatementSort.REPORT
        ]
        if handover.categories:
            lines.append(tr.html("Among them: %(names)s.", names=self.names(handover.categories)))
        if handover.mediators:
            lines.append(tr.html("Mediators: %(names)s.", names=self.names(handover.mediators)))
        if handover.place:
            lines.append(tr.html("Place: %(place)s.", place=self.words(handover.place)))
        lines.append(self.sources(source for claim in handover.claims for source in claim.sources))
        return LINE.join(lines)

    def brief(self, exchange: Exchange, handovers: tuple[Handover, ...]) -> Markup:
        """An exchange as a line of a list: days, numbers, sources."""
        lines = [self.heading(exchange, handovers)]
        lines.append(
            self.numbers(handovers)
            if any(handover.confirmed for handover in handovers)
            else self.tr.html("Not confirmed: it is not counted.")
        )
        claims = [claim for handover in handovers for claim in handover.claims]
        if handovers == exchange.handovers:
            for claim in exchange.claims:
                returned = [count for count in claim.counts if count.what in RETURNED]
                lines += [self.count(count) for count in returned]
                claims += [claim] * bool(returned)
        lines.append(self.sources(source for claim in claims for source in claim.sources))
        return LINE.join(lines)


@cache
def _labels(tr: Translator) -> dict[tuple[What, Side | None], Markup]:
    """What is counted, and by whose account."""
    return {
        (What.RETURNED_TO_UKRAINE, None): tr.html("Returned to Ukraine"),
        (What.RETURNED_TO_UKRAINE, Side.UKRAINE): tr.html("Returned to Ukraine, according to Ukraine"),
        (What.RETURNED_TO_UKRAINE, Side.RUSSIA): tr.html("Returned to Ukraine, according to Russia"),
        (What.RETURNED_TO_RUSSIA, None): tr.html("Returned to Russia"),
        (What.RETURNED_TO_RUSSIA, Side.UKRAINE): tr.html("Returned to Russia, according to Ukraine"),
        (What.RETURNED_TO_RUSSIA, Side.RUSSIA): tr.html("Returned to Russia, according to Russia"),
        (What.EXCHANGED, None): tr.html("In the exchange"),
        (What.EXCHANGED, Side.UKRAINE): tr.html("In the exchange, according to Ukraine"),
        (What.EXCHANGED, Side.RUSSIA): tr.html("In the exchange, according to Russia"),
        (What.HELD_UKRAINIANS, None): tr.html("Ukrainian service members held"),
        (What.HELD_UKRAINIANS, Side.UKRAINE): tr.html("Ukrainian service members held, according to Ukraine"),
        (What.HELD_UKRAINIANS, Side.RUSSIA): tr.html("Ukrainian service members held, according to Russia"),
        (What.HELD_RUSSIANS, None): tr.html("Russian prisoners of war held"),
        (What.HELD_RUSSIANS, Side.UKRAINE): tr.html("Russian prisoners of war held, according to Ukraine"),
        (What.HELD_RUSSIANS, Side.RUSSIA): tr.html("Russian prisoners of war held, according to Russia"),
        (What.RETURNED_TOTAL, None): tr.html("Returned to Ukraine in all, official figure"),
        (What.RETURNED_TOTAL, Side.UKRAINE): tr.html("Returned to Ukraine in all, official figure of Ukraine"),
        (What.RETURNED_TOTAL, Side.RUSSIA): tr.html("Returned to Ukraine in all, according to Russia"),
    }

"""Answer -> what a person sees: pages of Telegram HTML in one language, the answer in the first line."""

from dataclasses import dataclass
from functools import singledispatchmethod

from markupsafe import Markup

from bot.answers.answer import (
    Answer,
    Asked,
    Guidance,
    History,
    Included,
    LatestExchange,
    NextExchange,
    Plain,
    Said,
    Sum,
    Talks,
    Totals,
)
from bot.answers.facts import Cited, Exchange, Handover
from bot.answers.pages import lay_out
from bot.answers.parts import LINE, SPACE, Parts, opening
from bot.answers.plain import plain
from bot.i18n import Language, translator
from bot.understanding import Topic
from models.record import Side, StageName, StatementSort, What

Blocks = list[Markup]


@dataclass(frozen=True, slots=True)
class Reply:
    pages: tuple[Markup, ...]
    sources: tuple[Cited, ...]


def reply(answer: Answer, language: Language) -> Reply:
    writer = Writer(language)
    if isinstance(answer, Plain):
        return Reply(pages=(plain(answer.question.topic, writer.tr),), sources=())
    blocks = writer.blocks(answer)
    return Reply(pages=lay_out(blocks, writer.footer(answer)), sources=tuple(writer.parts.cited))


class Writer:
    def __init__(self, language: Language) -> None:
        self.tr = translator(language)
        self.parts = Parts(self.tr)

    @singledispatchmethod
    def blocks(self, answer: Answer) -> Blocks:
        """The answer in blocks that pages do not break; the first begins with the answer itself."""
        raise TypeError(type(answer))

    def footer(self, answer: Asked) -> Markup:
        """What the answer stands on, as of when."""
        tr = self.tr
        if isinstance(answer, Guidance):
            return tr.html("<i>These facts were last checked on %(day)s.</i>", day=tr.day(answer.card.verified_on))
        changed = tr.html(
            "<i>As of %(moment)s, Kyiv time, when our record last changed.</i>",
            moment=tr.moment(answer.record.changed_at),
        )
        newest = answer.record.newest_entry
        if newest is None:
            return changed
        return (
            changed
            + SPACE
            + tr.html(
                "<i>Its newest entry is of %(day)s; what happened later may be missing.</i>",
                day=tr.day(newest),
            )
        )

    # The coming exchange

    @blocks.register
    def _(self, answer: NextExchange) -> Blocks:
        tr, parts = self.tr, self.parts
        if not answer.pending:
            first = LINE.join(
                [
                    tr.html("<b>The date of the next exchange has not been made public.</b>"),
                    tr.html("Neither Ukraine nor Russia has announced one in the statements we hold."),
                ]
            )
            return [first, *self._latest_in_short(answer.latest)]
        blocks: Blocks = []
        for pending in answer.pending:
            named = [claim.stage.day for claim in pending.named_days if claim.stage and claim.stage.day]
            lines = []
            if named:
                days = tr.list([tr.day(day) for day in dict.fromkeys(named)])
                lines.append(tr.html("<b>A date has been named for the next exchange: %(days)s.</b>", days=days))
                if max(named) < answer.today:
                    lines.append(
                        tr.html("That day has passed, and our record does not tell of the exchange itself.")
                    )
            else:
                lines.append(tr.html("<b>The date of the next exchange has not been made public.</b>"))
                for side in pending.withheld_by:
                    lines.append(
                        {
                            Side.UKRAINE: tr.html("It is set, by Ukraine's account, and withheld by Ukraine."),
                            Side.RUSSIA: tr.html("It is set, by Russia's account, and withheld by Russia."),
                        }[side]
                    )
                if not pending.withheld_by:
                    lines.append(
                        tr.html("An exchange is spoken of, and neither Ukraine nor Russia has named its day.")
                    )
            if pending.disputed:
                lines.append(tr.html("<b>Disputed:</b> the sides say different things about it."))
            blocks.append(LINE.join(lines))
            blocks += [parts.claim(claim) for claim in pending.claims]
        return [*blocks, *self._latest_in_short(answer.latest)]

    def _latest_in_short(self, latest: Exchange | None) -> Blocks:
        if latest is None:
            return []
        title = self.tr.html("The latest exchange in our record:")
        return [LINE.join([title, self.parts.brief(latest, latest.handovers)])]

    # Past exchanges

    @blocks.register
    def _(self, answer: LatestExchange) -> Blocks:
        tr = self.tr
        lines = []
        period = answer.question.period
        if period and answer.on_asked_day is False:
            days = opening(tr.days(period.first, period.last))
            lines.append(tr.html("<b>%(days)s: our record tells of no exchange.</b>", days=days))
        if answer.latest is None:
            return [LINE.join([*lines, tr.html("Our record tells of no exchange up to this day.")])]
        span = self.parts.span(answer.latest)
        lines.append(tr.html("<b>The latest exchange in our record: %(days)s.</b>", days=span))
        return [
            *self._exchange(answer.latest, answer.latest.handovers, lines),
            *(self.parts.handover(handover) for handover in answer.unconfirmed),
        ]

    def _exchange(self, exchange: Exchange, handovers: tuple[Handover, ...], lines: Blocks) -> Blocks:
        """One exchange in full, after the lines that introduce it."""
        tr, parts = self.tr, self.parts
        lines = list(lines)
        if exchange.name:
            lines.append(tr.html("Called: %(name)s.", name=parts.words(exchange.name)))
        if exchange.round:
            lines.append(tr.html("It came out of: %(round)s.", round=parts.words(exchange.round.name)))
        if len(handovers) == 1 and handovers[0].confirmed:
            (only,) = handovers
            blocks = [LINE.join([*lines, parts.numbers(handovers), parts.circumstances(only)])]
        else:
            confirmed = tuple(handover for handover in handovers if handover.confirmed)
            numbers = [parts.numbers(confirmed)] if confirmed else []
            blocks = [LINE.join([*lines, *numbers]), *(parts.handover(handover) for handover in handovers)]
        return blocks + [parts.claim(claim) for claim in exchange.claims]

    @blocks.register
    def _(self, answer: History) -> Blocks:
        tr = self.tr
        period = answer.question.period
        confirmed = sum(any(handover.confirmed for handover in handovers) for _, handovers in answer.exchanges)
        if period is None:
            title = tr.nhtml(
                "<b>%(n)s exchange is in our record, the newest first.</b>",
                "<b>%(n)s exchanges are in our record, the newest first.</b>",
                confirmed,
            )
        else:
            days = opening(tr.days(period.first, period.last))
            if not confirmed:
                title = tr.html("<b>%(days)s: our record tells of no exchange.</b>", days=days)
            else:
                title = tr.nhtml(
                    "<b>%(days)s: %(n)s exchange in our record.</b>",
                    "<b>%(days)s: %(n)s exchanges in our record.</b>",
                    confirmed,
                    days=days,
                )
        lines = [title]
        if answer.before:
            lines.append(tr.html("The exchange before: %(days)s.", days=self.parts.span(answer.before)))
        if answer.after:
            lines.append(tr.html("The exchange after: %(days)s.", days=self.parts.span(answer.after)))
        if period is None or period.last > answer.record.complete_to:
            lines.append(self.parts.words(answer.record.coverage))
        if period and len(answer.exchanges) == 1:
            ((exchange, handovers),) = answer.exchanges
            if handovers != exchange.handovers:
                span = self.parts.span(exchange)
                lines.append(tr.html("It was part of the exchange of %(span)s.", span=span))
            return self._exchange(exchange, handovers, lines)
        briefs = [self.parts.brief(exchange, handovers) for exchange, handovers in answer.exchanges]
        return [LINE.join(lines), *briefs]

    # Totals

    @blocks.register
    def _(self, answer: Totals) -> Blocks:
        tr, period = self.tr, answer.question.period
        if period:
            title = tr.nhtml(
                "<b>%(days)s: by our sum %(n)s person returned to Ukraine in exchanges.</b>",
                "<b>%(days)s: by our sum %(n)s people returned to Ukraine in exchanges.</b>",
                answer.to_ukraine.people,
                days=opening(tr.days(period.first, period.last)),
            )
        else:
            title = tr.nhtml(
                "<b>By our sum %(n)s person returned to Ukraine in exchanges.</b>",
                "<b>By our sum %(n)s people returned to Ukraine in exchanges.</b>",
                answer.to_ukraine.people,
            )
        lines = [
            title,
            tr.nhtml("Exchanges in our record: %(n)s.", "Exchanges in our record: %(n)s.", answer.exchanges),
            *self._caveats(answer.to_ukraine),
            tr.nhtml(
                "To Russia, by our sum, %(n)s person returned.",
                "To Russia, by our sum, %(n)s people returned.",
                answer.to_russia.people,
            ),
            *self._caveats(answer.to_russia),
        ]
        blocks = [LINE.join(lines)]
        for claim, count, ours in answer.official:
            same_day = tr.nhtml(
                "Our sum up to that day: %(n)s person.", "Our sum up to that day: %(n)s people.", ours.people
            )
            as_of = tr.html("As of %(day)s.", day=tr.day(count.as_of)) if count.as_of else Markup()
            number = SPACE.join([self.parts.count(count), as_of])
            blocks.append(LINE.join([number, same_day, self.parts.sources(claim.sources)]))
        return [*blocks, self.parts.words(answer.record.coverage)]

    def _caveats(self, total: Sum) -> Blocks:
        """What our sum leaves out, and where it had to choose."""
        tr = self.tr
        lines = []
        if total.unknown:
            lines.append(
                tr.nhtml(
                    "It leaves out %(n)s day of exchanges with no number in our record.",
                    "It leaves out %(n)s days of exchanges with no number in our record.",
                    total.unknown,
                )
            )
        if total.differing:
            lines.append(
                tr.nhtml(
                    "For %(n)s day the sides give different numbers; Ukraine's is added.",
                    "For %(n)s days the sides give different numbers; Ukraine's are added.",
                    total.differing,
                )
            )
        return lines

    # What was said

    @blocks.register
    def _(self, answer: Said) -> Blocks:
        title = {
            Topic.HELD_IN_CAPTIVITY: self._held,
            Topic.ALL_FOR_ALL: self._all_for_all,
        }.get(answer.question.topic, self._statements)(answer)
        return [title, *(self.parts.claim(claim) for claim in answer.claims)]

    def _held(self, answer: Said) -> Markup:
        """The newest figure of each kind, Ukrainians first."""
        newest: dict[tuple[What, Side | None], Markup] = {}
        for claim in answer.claims:
            for count in claim.counts:
                figure = Markup("<b>{}</b>").format(self.parts.count(count))
                if claim.said_on:
                    as_of = self.tr.html("As of %(day)s.", day=self.tr.day(claim.said_on))
                    figure = SPACE.join([figure, as_of])
                newest.setdefault((count.what, count.side), figure)
        if not newest:
            return self.tr.html("<b>Our record holds no figure of those held in captivity.</b>")
        return LINE.join(newest[kind] for kind in sorted(newest, key=lambda kind: list(What).index(kind[0])))

    def _all_for_all(self, answer: Said) -> Markup:
        tr = self.tr
        agreed = any(claim.stage and claim.stage.stage is not StageName.DISCUSSED for claim in answer.claims)
        if not agreed and any(claim.sort is StatementSort.PROPOSAL for claim in answer.claims):
            return tr.html(
                "<b>An exchange of all for all has been proposed; our record holds no statement that it was "
                "agreed.</b>"
            )
        if answer.claims:
            return tr.html("<b>What has been said of an exchange of all for all.</b>")
        return tr.html("<b>Our record holds no statement on an exchange of all for all.</b>")

    def _statements(self, answer: Said) -> Markup:
        tr, period = self.tr, answer.question.period
        lines = []
        if answer.claims:
            lines.append(
                tr.nhtml(
                    "<b>%(n)s statement in our record, the newest first.</b>",
                    "<b>%(n)s statements in our record, the newest first.</b>",
                    len(answer.claims),
                )
            )
        else:
            lines.append(tr.html("<b>Our record holds no such statement.</b>"))
            speakers = [claim.speaker for claim in answer.record.claims if claim.speaker and claim.gist]
            lines.append(tr.html("It holds statements of: %(names)s.", names=self.parts.names(speakers)))
        if period:
            lines.append(tr.html("Period: %(days)s.", days=tr.days(period.first, period.last)))
        return LINE.join(lines)

    @blocks.register
    def _(self, answer: Included) -> Blocks:
        tr, parts = self.tr, self.parts
        named = [category for claim in answer.claims for category in claim.categories]
        lines = [
            tr.html("<b>Categories named by the sides: %(names)s.</b>", names=parts.names(named))
            if named
            else tr.html("<b>Our record holds no statement on who is exchanged first.</b>"),
            tr.html("A category is not a promise for any one person."),
        ]
        blocks = [LINE.join(lines), *(parts.claim(claim) for claim in answer.claims)]
        if answer.latest:
            confirmed = [handover for handover in answer.latest.handovers if handover.categories]
            came_home = parts.names(category for handover in confirmed for category in handover.categories)
            sources = parts.sources(
                source for handover in confirmed for claim in handover.claims for source in claim.sources
            )
            span = parts.span(answer.latest)
            latest = tr.html(
                "In the latest exchange in our record, %(days)s, these were named: %(names)s.",
                days=span,
                names=came_home,
            )
            blocks.append(LINE.join([latest, sources]))
        return blocks

    @blocks.register
    def _(self, answer: Talks) -> Blocks:
        tr, parts = self.tr, self.parts
        if not answer.rounds:
            return [tr.html("<b>Our record tells of no round of talks for that time.</b>")]
        blocks: Blocks = []
        for round, claims, exchanges in answer.rounds:
            name = opening(parts.words(round.name))
            if round.first_day:
                days = tr.days(round.first_day, round.last_day or round.first_day)
                lines = [tr.html("<b>%(name)s: %(days)s.</b>", name=name, days=days)]
            else:
                lines = [tr.html("<b>%(name)s: the date is not known to us.</b>", name=name)]
            if round.place:
                lines.append(tr.html("Place: %(place)s.", place=parts.words(round.place)))
            if round.mediators:
                lines.append(tr.html("Mediators: %(names)s.", names=parts.names(round.mediators)))
            spans = [parts.span(exchange) for exchange in exchanges if exchange.handovers]
            if spans:
                lines.append(tr.html("Exchanges that came out of it: %(days)s.", days=tr.list(spans)))
            lines.append(parts.sources(round.sources))
            blocks += [LINE.join(lines), *(parts.claim(claim) for claim in claims)]
        return blocks

    @blocks.register
    def _(self, answer: Guidance) -> Blocks:
        paragraphs = self.parts.words(answer.card.text).split("\n\n")
        return [*paragraphs, self.parts.sources(answer.card.sources)]

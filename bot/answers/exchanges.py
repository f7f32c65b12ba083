"""Answers about exchanges in words: the coming one, the latest, past ones, and how many people came home."""

from datetime import timedelta

from markupsafe import Markup

from bot.answers.answer import History, LatestExchange, NextExchange, Pending, Sum, Totals
from bot.answers.facts import Exchange, Handover
from bot.answers.parts import LINE, SPACE, Blocks, Parts, opening
from bot.i18n import Translator
from models.record import Side


def coming(answer: NextExchange, parts: Parts) -> Blocks:
    tr = parts.tr
    blocks: Blocks = []
    if answer.begun:
        begun = tr.html(
            "<b>An exchange has begun, and our record holds no statement that it is completed.</b> So far:"
        )
        blocks += [LINE.join([begun, parts.brief(answer.begun, answer.begun.handovers)]), beware(tr)]
    for pending in answer.pending:
        blocks += _pending(answer, pending, parts)
    if not answer.pending:
        not_public = [
            tr.html("<b>The date of the next exchange has not been made public.</b>"),
            tr.html("Neither Ukraine nor Russia has announced one in the statements we hold."),
        ]
        blocks.append(LINE.join(not_public))
    if answer.latest and answer.latest != answer.begun:
        title = tr.html("The latest exchange in our record:")
        blocks.append(LINE.join([title, parts.brief(answer.latest, answer.latest.handovers)]))
    return blocks


def _pending(answer: NextExchange, pending: Pending, parts: Parts) -> Blocks:
    tr = parts.tr
    days = dict.fromkeys(claim.stage.day for claim in pending.named_days if claim.stage and claim.stage.day)
    if days:
        named = tr.list([tr.day(day) for day in days])
        lines = [tr.html("<b>A date has been named for the next exchange: %(days)s.</b>", days=named)]
        if max(days) < answer.today:
            lines.append(tr.html("That day has passed, and our record does not tell of the exchange itself."))
    else:
        lines = [tr.html("<b>The date of the next exchange has not been made public.</b>")]
        for side in pending.withheld_by:
            lines.append(
                {
                    Side.UKRAINE: tr.html("It is set, by Ukraine's account, and withheld by Ukraine."),
                    Side.RUSSIA: tr.html("It is set, by Russia's account, and withheld by Russia."),
                }[side]
            )
        if not pending.withheld_by:
            lines.append(tr.html("An exchange is spoken of, and neither Ukraine nor Russia has named its day."))
    if pending.disputed:
        lines.append(tr.html("<b>Disputed:</b> the sides say different things about it."))
    return [LINE.join(lines), *(parts.claim(claim) for claim in pending.claims)]


def latest(answer: LatestExchange, parts: Parts) -> Blocks:
    tr, period = parts.tr, answer.question.period
    days = opening(tr.days(period.first, period.last)) if period else ""
    if answer.latest is None:
        return [tr.html("<b>Our record tells of no exchange up to this day.</b>")]
    span = parts.span(answer.latest)
    lines: Blocks = []
    if answer.in_period and days != span:
        lines.append(tr.html("<b>%(days)s: the latest exchange was on %(span)s.</b>", days=days, span=span))
    elif answer.in_period:
        lines.append(tr.html("<b>%(days)s: there was an exchange.</b>", days=days))
    else:
        if answer.in_period is False:
            lines.append(tr.html("<b>%(days)s: no exchange in our record.</b>", days=days))
        lines.append(tr.html("<b>The latest exchange in our record: %(days)s.</b>", days=span))
    blocks = in_full(answer.latest, answer.latest.handovers, lines, parts)
    if answer.today - answer.latest.last_day <= SCAMMERS_CALL_FOR:
        blocks.insert(1, beware(tr))
    return [*blocks, *(parts.handover(handover) for handover in answer.unconfirmed)]


SCAMMERS_CALL_FOR = timedelta(days=14)
"""After an exchange they call families most: Coordination Headquarters, see the card on scams."""


def beware(tr: Translator) -> Markup:
    return tr.html(
        "In the days after an exchange, strangers often call families and ask for money or data. "
        "No state body asks for money to free or to find anyone. What to do: /scam"
    )


def history(answer: History, parts: Parts) -> Blocks:
    tr, period = parts.tr, answer.question.period
    n = sum(any(handover.confirmed for handover in handovers) for _, handovers in answer.exchanges)
    if period is None:
        title = tr.nhtml(
            "<b>%(n)s exchange is in our record.</b>", "<b>%(n)s exchanges are in our record, newest first.</b>", n
        )
    else:
        days = opening(tr.days(period.first, period.last))
        title = (
            tr.nhtml(
                "<b>%(days)s: %(n)s exchange in our record.</b>",
                "<b>%(days)s: %(n)s exchanges in our record.</b>",
                n,
                days=days,
            )
            if n
            else tr.html("<b>%(days)s: no exchange in our record.</b>", days=days)
        )
    lines = [title]
    neighbours = []
    for label, exchange in (
        (tr.html("The exchange before:"), answer.before),
        (tr.html("The exchange after:"), answer.after),
    ):
        if exchange:
            neighbours.append(LINE.join([label, parts.brief(exchange, exchange.handovers)]))
    partial = period is None or period.last > answer.record.complete_to
    coverage = [parts.words(answer.record.coverage)] if partial else []
    if period and len(answer.exchanges) == 1:
        ((exchange, handovers),) = answer.exchanges
        if handovers != exchange.handovers:
            span = parts.span(exchange)
            lines.append(tr.html("It was part of the exchange of %(span)s.", span=span))
        return in_full(exchange, handovers, lines, parts) + coverage
    if n > 1:
        lines += _sum(Side.UKRAINE, answer.to_ukraine, parts)
    briefs = [parts.brief(exchange, handovers) for exchange, handovers in answer.exchanges]
    return [LINE.join(lines), *neighbours, *coverage, *briefs]


def in_full(exchange: Exchange, handovers: tuple[Handover, ...], title: Blocks, parts: Parts) -> Blocks:
    """One exchange with all that was said about it, under the lines that introduce it."""
    tr, lines = parts.tr, list(title)
    if exchange.name:
        lines.append(tr.html("Called: %(name)s.", name=parts.words(exchange.name)))
    if exchange.round:
        lines.append(tr.html("Agreed at: %(round)s.", round=parts.words(exchange.round.name)))
    if len(handovers) == 1 and handovers[0].confirmed:
        (only,) = handovers
        blocks = [LINE.join([*lines, parts.numbers(handovers), parts.circumstances(only)])]
    else:
        confirmed = tuple(handover for handover in handovers if handover.confirmed)
        numbers = [parts.numbers(confirmed)] if confirmed else []
        blocks = [LINE.join([*lines, *numbers]), *(parts.handover(handover) for handover in handovers)]
    # How far it had come when this was said is no longer news.
    return blocks + [parts.claim(claim, staged=False) for claim in exchange.claims]


def totals(answer: Totals, parts: Parts) -> Blocks:
    tr, period = parts.tr, answer.question.period
    if period and not answer.to_ukraine.exchanges:
        days = opening(tr.days(period.first, period.last))
        blocks = [tr.html("<b>%(days)s: no exchange in our record.</b>", days=days)]
    else:
        ukraine, *caveats = _sum(Side.UKRAINE, answer.to_ukraine, parts)
        lines = [
            tr.html("<b>%(sum)s</b>", sum=ukraine),
            tr.html("Exchanges in our record: %(count)s.", count=tr.number(answer.to_ukraine.exchanges)),
            *caveats,
            *_sum(Side.RUSSIA, answer.to_russia, parts),
        ]
        if period:
            lines.insert(0, tr.html("<b>%(days)s</b>", days=opening(tr.days(period.first, period.last))))
        blocks = [LINE.join(lines)]
    if answer.not_added:
        lines = [tr.html("Given, but not added, because it is no exact number of one side:")]
        for claim, count in answer.not_added:
            lines += [parts.count(count), parts.sources(claim.sources)]
        blocks.append(LINE.join(lines))
    for claim, count, ours in answer.official:
        lines = [parts.count(count)]
        if count.as_of:
            lines.append(tr.html("As of %(day)s.", day=tr.day(count.as_of)))
        same_day = tr.nhtml(
            "Our count up to that day: %(n)s person; exchanges: %(exchanges)s.",
            "Our count up to that day: %(n)s people; exchanges: %(exchanges)s.",
            ours.people,
            exchanges=tr.number(ours.exchanges),
        )
        blocks.append(LINE.join([SPACE.join(lines), same_day, parts.sources(claim.sources)]))
    return [*blocks, parts.words(answer.record.coverage)]


def _sum(side: Side, total: Sum, parts: Parts) -> Blocks:
    """Our sum in one direction, then what it leaves out and where it had to choose."""
    tr = parts.tr
    if side is Side.UKRAINE:
        people = tr.nhtml(
            "By our count %(n)s person returned to Ukraine in exchanges.",
            "By our count %(n)s people returned to Ukraine in exchanges.",
            total.people,
        )
    else:
        people = tr.nhtml(
            "By our count %(n)s person returned to Russia in exchanges.",
            "By our count %(n)s people returned to Russia in exchanges.",
            total.people,
        )
    lines = [people]
    if total.not_stated:
        lines.append(
            tr.nhtml(
                "It leaves out %(n)s day for which the sides stated no number.",
                "It leaves out %(n)s days for which the sides stated no number.",
                total.not_stated,
            )
        )
    if total.inexact:
        lines.append(
            tr.nhtml(
                "It leaves out %(n)s day for which no exact number was given.",
                "It leaves out %(n)s days for which no exact number was given.",
                total.inexact,
            )
        )
    if total.unknown:
        lines.append(
            tr.nhtml(
                "It leaves out %(n)s day for which the number is not known to us.",
                "It leaves out %(n)s days for which the number is not known to us.",
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

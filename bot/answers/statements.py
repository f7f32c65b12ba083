"""Answers about words: who said what, who is held, all for all, who goes first, and talks."""

from markupsafe import Markup

from bot.answers.answer import Included, Said, Talks
from bot.answers.parts import LINE, SPACE, Blocks, Parts, opening
from bot.understanding import Topic
from models.record import Side, StageName, StatementSort, What


def said(answer: Said, parts: Parts) -> Blocks:
    tr, period = parts.tr, answer.question.period
    match answer.question.topic:
        case Topic.HELD_IN_CAPTIVITY:
            title = _held(answer, parts)
        case Topic.ALL_FOR_ALL:
            title = _all_for_all(answer, parts)
        case _:
            title = _statements(answer, parts)
    if answer.of_other_time and period:
        days = tr.days(period.first, period.last)
        title = LINE.join([tr.html("<b>Our record holds nothing of this time: %(days)s.</b>", days=days), title])
    return [title, *(parts.claim(claim) for claim in answer.claims)]


def _held(answer: Said, parts: Parts) -> Markup:
    """The newest figure of each kind, Ukrainians first."""
    newest: dict[tuple[What, Side | None], Markup] = {}
    for claim in answer.claims:
        for count in claim.counts:
            figure = Markup("<b>{}</b>").format(parts.count(count))
            day = count.as_of or claim.said_on
            if day:
                figure = SPACE.join([figure, parts.tr.html("As of %(day)s.", day=parts.tr.day(day))])
            newest.setdefault((count.what, count.side), figure)
    if not newest:
        return parts.tr.html("<b>Our record holds no figure of those held in captivity.</b>")
    return LINE.join(newest[kind] for kind in sorted(newest, key=lambda kind: list(What).index(kind[0])))


def _all_for_all(answer: Said, parts: Parts) -> Markup:
    tr = parts.tr
    agreed = any(claim.stage and claim.stage.stage is not StageName.DISCUSSED for claim in answer.claims)
    if not agreed and any(claim.sort is StatementSort.PROPOSAL for claim in answer.claims):
        return tr.html(
            "<b>An exchange of all for all has been proposed; our record holds no statement that it was "
            "agreed.</b>"
        )
    if answer.claims:
        return tr.html("<b>What has been said of an exchange of all for all.</b>")
    return tr.html("<b>Our record holds no statement on an exchange of all for all.</b>")


def _statements(answer: Said, parts: Parts) -> Markup:
    tr, question = parts.tr, answer.question
    if not answer.claims:
        speakers = [claim.speaker for claim in answer.record.claims if claim.speaker and claim.gist]
        lines = [
            tr.html("<b>Our record holds no such statement.</b>"),
            tr.html("It holds statements of: %(names)s.", names=parts.names(speakers)),
        ]
    else:
        n = len(answer.claims)
        lines = [
            tr.nhtml(
                "<b>%(n)s statement is in our record.</b>",
                "<b>%(n)s statements are in our record, newest first.</b>",
                n,
            )
        ]
        if question.speaker is None:
            lines.append(tr.html("These are of all speakers. Add a name to see only theirs."))
    if question.period:
        days = tr.days(question.period.first, question.period.last)
        lines.append(tr.html("Period: %(days)s.", days=days))
    return LINE.join(lines)


def included(answer: Included, parts: Parts) -> Blocks:
    tr = parts.tr
    named = [category for claim in answer.claims for category in claim.categories]
    lines = [
        tr.html("<b>Categories named by the sides: %(names)s.</b>", names=parts.names(named))
        if named
        else tr.html("<b>Our record holds no statement on who is exchanged first.</b>"),
        tr.html("A category is not a promise for any one person."),
    ]
    blocks = [LINE.join(lines), *(parts.claim(claim) for claim in answer.claims)]
    if answer.latest:
        handovers = [handover for handover in answer.latest.handovers if handover.categories]
        latest = tr.html(
            "In the latest exchange in our record, %(days)s, these were named: %(names)s.",
            days=parts.span(answer.latest),
            names=parts.names(category for handover in handovers for category in handover.categories),
        )
        sources = parts.sources(
            source for handover in handovers for claim in handover.claims for source in claim.sources
        )
        blocks.append(LINE.join([latest, sources]))
    return blocks


def talks(answer: Talks, parts: Parts) -> Blocks:
    tr = parts.tr
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
            lines.append(tr.html("Exchanges agreed there: %(days)s.", days=tr.list(spans)))
        lines.append(parts.sources(round.sources))
        blocks += [LINE.join(lines), *(parts.claim(claim) for claim in claims)]
    return blocks

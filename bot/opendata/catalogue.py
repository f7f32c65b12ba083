"""Every table that newsrooms get, and the dictionary of their columns."""

from collections.abc import Iterable
from typing import Any

from bot.answers.facts import Cited, Claim
from bot.i18n import Language, translator
from bot.opendata.edition import Edition
from bot.opendata.tables import (
    DIRECTIONS,
    Column,
    Columns,
    Given,
    Holds,
    Table,
    given_of_handovers,
    in_our_sum,
    official_totals,
)

TABLES = ("exchanges", "statements", "figures", "official_totals", "sources")


def tables(edition: Edition, language: Language) -> tuple[Table[Any], ...]:
    columns = Columns(translator(language), edition)
    return (
        exchanges(columns),
        statements(columns),
        figures(columns),
        totals(columns),
        sources(columns),
    )


def exchanges(columns: Columns) -> Table[Given]:
    tr = columns.tr
    return Table(
        "exchanges",
        tr.gettext("Exchanges"),
        tr.gettext(
            "One row for each number of people in one direction of one handover. Where the sides differ there "
            "are several rows: add up only those where in_our_sum is TRUE."
        ),
        (
            Column(
                "day",
                Holds.DATE,
                tr.gettext("The day on which people came home, in Kyiv."),
                lambda row: row.handover.day if row.handover else None,
            ),
            Column(
                "direction",
                Holds.TEXT,
                tr.gettext("Where people returned to: to_ukraine, to_russia, or both for a number of both."),
                lambda row: DIRECTIONS[row.what] if row.what else None,
            ),
            *columns.number(),
            *columns.said(lambda row: row.claim),
            Column(
                "in_our_sum",
                Holds.YES_OR_NO,
                tr.gettext("TRUE for the one number of a handover and direction that may be added up."),
                in_our_sum,
            ),
            Column(
                "confirmed",
                Holds.YES_OR_NO,
                tr.gettext("FALSE for a handover that is told of and not confirmed; it is never counted."),
                lambda row: row.handover.confirmed if row.handover else None,
            ),
            Column(
                "place",
                Holds.TEXT,
                tr.gettext("Where it was, as far as published."),
                lambda row: columns.words(row.handover.place) if row.handover else None,
            ),
            Column(
                "categories",
                Holds.TEXT,
                tr.gettext("Groups that were named among those who came home."),
                lambda row: columns.names(row.handover.categories) if row.handover else None,
            ),
            Column(
                "mediators",
                Holds.TEXT,
                tr.gettext("Who mediated, as published."),
                lambda row: columns.names(row.handover.mediators) if row.handover else None,
            ),
            Column(
                "exchange_name",
                Holds.TEXT,
                tr.gettext("What the exchange is called, where it has a name."),
                lambda row: columns.words(row.exchange.name) if row.exchange else None,
            ),
            Column(
                "handover",
                Holds.TEXT,
                tr.gettext("The key of the handover: one day of an exchange."),
                lambda row: row.handover.key if row.handover else None,
            ),
            Column(
                "exchange",
                Holds.TEXT,
                tr.gettext("The key of the exchange, the same for all of its days."),
                lambda row: row.exchange.key if row.exchange else None,
            ),
            *columns.cited(lambda row: row.sources),
        ),
        tuple(given_of_handovers(columns.edition.record)),
    )


def statements(columns: Columns) -> Table[Claim]:
    tr = columns.tr
    return Table(
        "statements",
        tr.gettext("Statements"),
        tr.gettext("One row for each statement: who said what, when, in what role, and where it was published."),
        (
            *columns.said(lambda row: row),
            Column(
                "sort",
                Holds.TEXT,
                tr.gettext(
                    "claim, position, proposal, event, figure; report: what published reports tell with no "
                    "single speaker."
                ),
                lambda row: row.sort,
            ),
            Column(
                "gist",
                Holds.TEXT,
                tr.gettext("What was said, in our words."),
                lambda row: columns.words(row.gist),
            ),
            Column(
                "stage",
                Holds.TEXT,
                tr.gettext(
                    "How far the exchange has come, by this statement: discussed, agreed, date_set, preparing, "
                    "under_way, completed, postponed, cancelled."
                ),
                lambda row: row.stage.stage if row.stage else None,
            ),
            Column(
                "stage_day",
                Holds.DATE,
                tr.gettext("The day that the statement names for the exchange."),
                lambda row: row.stage.day if row.stage else None,
            ),
            Column(
                "stage_day_withheld_by",
                Holds.TEXT,
                tr.gettext("The side that keeps the day to itself."),
                lambda row: row.stage.day_withheld_by if row.stage else None,
            ),
            Column(
                "exchange",
                Holds.TEXT,
                tr.gettext("The key of the exchange that it is about."),
                lambda row: row.exchange,
            ),
            Column(
                "handover",
                Holds.TEXT,
                tr.gettext("The key of the handover that it is about."),
                lambda row: row.handover,
            ),
            Column(
                "round",
                Holds.TEXT,
                tr.gettext("The key of the round of talks that it is about."),
                lambda row: row.round,
            ),
            Column("topic", Holds.TEXT, tr.gettext("Its subject, where it has one."), lambda row: row.topic),
            Column(
                "categories",
                Holds.TEXT,
                tr.gettext("Groups of people that it names."),
                lambda row: columns.names(row.categories),
            ),
            Column(
                "relayed_by",
                Holds.TEXT,
                tr.gettext("Through whom it reached us."),
                lambda row: columns.names(row.relayed_by),
            ),
            *columns.cited(lambda row: row.sources),
        ),
        columns.edition.record.claims,
    )


def figures(columns: Columns) -> Table[Given]:
    tr = columns.tr
    return Table(
        "figures",
        tr.gettext("Figures"),
        tr.gettext("One row for each number in any statement, of people who are held or talked about, too."),
        (
            Column(
                "counts",
                Holds.TEXT,
                tr.gettext(
                    "returned_to_ukraine, returned_to_russia; exchanged: both; returned_total: an official total "
                    "of those who returned to Ukraine; held_ukrainians, held_russians: in captivity."
                ),
                lambda row: row.what,
            ),
            *columns.number(),
            *columns.said(lambda row: row.claim),
            Column(
                "exchange",
                Holds.TEXT,
                tr.gettext("The key of the exchange that it is about."),
                lambda row: row.claim.exchange if row.claim else None,
            ),
            Column(
                "handover",
                Holds.TEXT,
                tr.gettext("The key of the handover that it is about."),
                lambda row: row.claim.handover if row.claim else None,
            ),
            *columns.cited(lambda row: row.sources),
        ),
        tuple(
            Given(claim, count, what=count.what)
            for claim in columns.edition.record.claims
            for count in claim.counts
        ),
    )


def totals(columns: Columns) -> Table[Given]:
    tr = columns.tr
    return Table(
        "official_totals",
        tr.gettext("Official totals"),
        tr.gettext("One row for each official total of those who returned to Ukraine, newest first."),
        (
            *columns.number(),
            Column(
                "our_sum",
                Holds.NUMBER,
                tr.gettext("Our own sum of exact numbers up to that day; it has no part in the official one."),
                lambda row: row.ours.people if row.ours else None,
            ),
            Column(
                "our_sum_leaves_out",
                Holds.NUMBER,
                tr.gettext("Handovers that our sum leaves out, since they have no exact number of one direction."),
                lambda row: row.ours.not_stated + row.ours.inexact + row.ours.unknown if row.ours else None,
            ),
            *columns.said(lambda row: row.claim),
            *columns.cited(lambda row: row.sources),
        ),
        tuple(official_totals(columns.edition.record)),
    )


def sources(columns: Columns) -> Table[Cited]:
    tr, record = columns.tr, columns.edition.record
    cited = [source for claim in record.claims for source in claim.sources]
    cited += [source for round in record.rounds for source in round.sources]
    return Table(
        "sources",
        tr.gettext("Sources"),
        tr.gettext("One row for each published page that a statement or a round of talks stands on."),
        (
            Column("source", Holds.TEXT, tr.gettext("The key of the source."), lambda row: row.key),
            Column(
                "publisher",
                Holds.TEXT,
                tr.gettext("Who published it."),
                lambda row: columns.words(row.publisher),
            ),
            Column(
                "published",
                Holds.TEXT,
                tr.gettext("When, as exactly as it is known: 2022-03 is a month."),
                lambda row: row.published,
            ),
            Column("title", Holds.TEXT, tr.gettext("Its title, as published."), lambda row: row.title),
            Column("author", Holds.TEXT, tr.gettext("Its author, where one is named."), lambda row: row.author),
            Column("url", Holds.TEXT, tr.gettext("The address of the page."), lambda row: row.url),
            Column("note", Holds.TEXT, tr.gettext("A remark on it."), lambda row: columns.words(row.note)),
            columns.version(),
        ),
        tuple(dict.fromkeys(cited)),
    )


def dictionary(of: Iterable[Table[Any]], language: Language) -> Table[tuple[Table[Any], Column[Any]]]:
    tr = translator(language)
    return Table(
        "dictionary",
        tr.gettext("Dictionary"),
        tr.gettext("What each column means."),
        (
            Column("table", Holds.TEXT, tr.gettext("The table."), lambda row: row[0].name),
            Column("column", Holds.TEXT, tr.gettext("The column."), lambda row: row[1].name),
            Column("holds", Holds.TEXT, tr.gettext("text, number, date or yes/no."), lambda row: row[1].holds),
            Column("meaning", Holds.TEXT, tr.gettext("What it means."), lambda row: row[1].meaning),
        ),
        tuple((table, column) for table in of for column in table.columns),
    )

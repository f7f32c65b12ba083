"""Every table that newsrooms get, and the dictionary of their columns."""

from collections.abc import Iterable
from typing import Any

from bot.answers.facts import Cited, Claim
from bot.i18n import Language, translator
from bot.opendata.edition import Edition
from bot.opendata.numbers import exchanges, figures, totals
from bot.opendata.tables import Column, Columns, Holds, Table

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

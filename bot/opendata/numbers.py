"""The tables of numbers: of each handover, of every statement, and official totals beside our own sum."""

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

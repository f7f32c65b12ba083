"""Corrections in words: what a row said, and what it says now."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.answers.facts import Cited, Count
from bot.answers.pages import lay_out, visible
from bot.answers.parts import LINE, Blocks, Parts
from bot.desk import harm
from bot.i18n import Language, Translator, translator
from bot.press.changes import Change, Changes, Replaced
from models import record as rows
from models.base import Wording
from models.record import Revision

Keys = Sequence[str]

MOST_ROWS = 12
"""Of one change; a file may replace hundreds."""


def pages(changes: Changes, language: Language) -> tuple[Markup, ...]:
    tr = translator(language)
    footer = tr.html("<i>Old versions are kept for good. What is cited: the button “Cite” under an answer.</i>")
    if not changes.listed:
        return lay_out(
            [tr.html("<b>Nothing in our record has been corrected, and no post taken back.</b>")], footer
        )
    n, listed = changes.total, len(changes.listed)
    title = (
        tr.nhtml("<b>%(n)s correction, newest first.</b>", "<b>%(n)s corrections, newest first.</b>", n)
        if listed == n
        else tr.nhtml(
            "<b>The newest %(listed)s of %(n)s correction.</b>",
            "<b>The newest %(listed)s of %(n)s corrections.</b>",
            n,
            listed=tr.number(listed),
        )
    )
    writer = _Writer(changes, tr)
    return lay_out([title, *(block for change in changes.listed for block in writer.change(change))], footer)


class _Writer:
    def __init__(self, changes: Changes, tr: Translator) -> None:
        self.changes, self.tr, self.parts = changes, tr, Parts(tr)

    def change(self, change: Change) -> Blocks:
        tr, post = self.tr, change.post
        moment = tr.moment(change.moment)
        if post is None or not post.to_readers:
            lines = [tr.html("<b>%(moment)s</b> (Kyiv time): the record was changed.", moment=moment)]
        elif post.withdraws:
            lines = [
                tr.html(
                    "<b>%(moment)s</b> (Kyiv time): post %(post)s was withdrawn.", moment=moment, post=post.post_id
                )
            ]
        elif post.number == 1:
            lines = [
                tr.html(
                    "<b>%(moment)s</b> (Kyiv time): post %(post)s brought something newer.",
                    moment=moment,
                    post=post.post_id,
                )
            ]
        else:
            lines = [
                tr.html(
                    "<b>%(moment)s</b> (Kyiv time): post %(post)s was corrected, revision %(number)s.",
                    moment=moment,
                    post=post.post_id,
                    number=post.number,
                )
            ]
        if post and post.why:
            why = Wording(next(iter(post.why)), post.why)
            lines.append(tr.html("Why: %(why)s", why=self.parts.words(why)))
        else:
            lines.append(tr.html("The reason was not written down."))
        told = list(dict.fromkeys(words for each in change.rows if (words := self.replaced(each))))
        blocks = [LINE.join([*lines, *told[:1]]), *told[1:MOST_ROWS]]
        left = len(told) - MOST_ROWS
        if left > 0:
            blocks.append(tr.nhtml("And %(n)s more change.", "And %(n)s more changes.", left))
        return blocks

    def replaced(self, replaced: Replaced) -> Markup | None:
        tr = self.tr
        before = self.told(replaced.old)
        after = self.told(replaced.new) if replaced.new else []
        was = [each for each in before if each not in after]
        now = [each for each in after if each not in before]
        if not (was or now) and replaced.new:
            return None
        lines = [self.about(replaced.old)]
        if was and self.may_harm(was):
            lines.append(tr.html("The earlier wording is not shown again, because it may harm somebody."))
        elif was:
            lines.append(tr.html("It said: %(words)s", words=Markup(" ").join(was)))
        if now:
            lines.append(tr.html("It says now: %(words)s", words=Markup(" ").join(now)))
        elif replaced.new is None:
            lines.append(tr.html("Now: taken back, our record no longer says this."))
        else:
            lines.append(tr.html("Now: left out."))
        return LINE.join(lines)

    def may_harm(self, said: Blocks) -> bool:
        return bool(harm.find([visible(each) for each in said], photo=False, known=self.changes.public_names))

    # Rows

    def about(self, row: Revision) -> Markup:
        """Which row it is, in words, and by its key."""
        tr = self.tr
        kind = {
            rows.Term: tr.gettext("A name"),
            rows.Source: tr.gettext("A page"),
            rows.Round: tr.gettext("A round of talks"),
            rows.Exchange: tr.gettext("An exchange"),
            rows.Handover: tr.gettext("A day of an exchange"),
            rows.Statement: tr.gettext("A statement"),
            rows.Stage: tr.gettext("A stage"),
            rows.Figure: tr.gettext("A figure"),
            rows.Coverage: tr.gettext("How complete the record is"),
            rows.Card: tr.gettext("A guidance card"),
        }[type(row)]
        key = Markup("<code>{}</code>").format(row.key)
        where = self.where(row)
        if where:
            return tr.html("<b>%(kind)s</b>, %(where)s, %(key)s", kind=kind, where=where, key=key)
        return tr.html("<b>%(kind)s</b>, %(key)s", kind=kind, key=key)

    def where(self, row: Revision) -> Markup | None:
        """The day or the speaker of what a row belongs to."""
        if isinstance(row, rows.Handover):
            return Markup.escape(self.tr.day(row.day))
        key = row.statement if isinstance(row, rows.Figure) else row.key
        if not isinstance(row, (rows.Figure, rows.Stage, rows.Statement)) or key not in self.changes.statements:
            return None
        of = self.changes.statements[key]
        name = self.changes.names.get(of.speaker or "")
        day = of.said_on or self.changes.days.get(of.handover or "")
        told = [self.parts.words(name)] if name else []
        return Markup(", ").join([*told, *([Markup.escape(self.tr.day(day))] if day else [])]) or None

    def told(self, row: Revision) -> Blocks:
        """What a row says, sentence by sentence."""
        tr, parts = self.tr, self.parts
        match row:
            case rows.Term():
                return [parts.words(row.name)]
            case rows.Source():
                return [parts.source(_cited(row, self.changes))]
            case rows.Round():
                named = [parts.words(row.name)]
                if row.first_day:
                    named.append(Markup.escape(tr.days(row.first_day, row.last_day or row.first_day)))
                return named + self.circumstances(row.place, (), row.mediators)
            case rows.Exchange():
                return [tr.html("Called: %(name)s.", name=parts.words(row.name))] if row.name else []
            case rows.Handover():
                days = [tr.html("Day: %(day)s.", day=tr.day(row.day))]
                if not row.confirmed:
                    days.append(tr.html("Not confirmed: it is not counted."))
                return days + self.circumstances(row.place, row.categories, row.mediators)
            case rows.Statement():
                return self.statement(row)
            case rows.Stage():
                return self.stage(row)
            case rows.Figure():
                day = [tr.html("As of %(day)s.", day=tr.day(row.as_of))] if row.as_of else []
                return [parts.count(_count(row)), *day]
            case rows.Coverage():
                return [parts.words(row.note)]
            case rows.Card():
                return [parts.words(row.text)]
        return []

    def statement(self, row: rows.Statement) -> Blocks:
        tr, parts = self.tr, self.parts
        told: Blocks = []
        if row.speaker:
            told.append(tr.html("Speaker: %(name)s.", name=self.names([row.speaker])))
        if row.role:
            told.append(tr.html("Role: %(role)s.", role=parts.words(row.role)))
        if row.said_on:
            told.append(tr.html("Day: %(day)s.", day=tr.day(row.said_on)))
        if row.gist:
            told.append(parts.words(row.gist))
        told += self.circumstances(None, row.categories, row.mediators)
        if row.relayed_by:
            told.append(tr.html("Reached us through: %(names)s.", names=self.names(row.relayed_by)))
        return told

    def stage(self, row: rows.Stage) -> Blocks:
        told = [self.parts.stage(row.stage)]
        if row.day:
            told.append(self.tr.html("Date named: %(day)s.", day=self.tr.day(row.day)))
        if row.day_withheld_by:
            side = self.parts.side(row.day_withheld_by)
            told.append(self.tr.html("The date is not made public. Withheld by: %(side)s.", side=side))
        return told

    def circumstances(self, place: Wording | None, categories: Keys, mediators: Keys) -> Blocks:
        tr = self.tr
        told = []
        if categories:
            told.append(tr.html("Among them: %(names)s.", names=self.names(categories)))
        if mediators:
            told.append(tr.html("Mediators: %(names)s.", names=self.names(mediators)))
        if place:
            told.append(tr.html("Place: %(place)s.", place=self.parts.words(place)))
        return told

    def names(self, keys: Keys) -> Markup:
        return self.parts.names(self.changes.names[key] for key in keys if key in self.changes.names)


def _cited(row: rows.Source, changes: Changes) -> Cited:
    publisher = changes.names.get(row.publisher or "")
    return Cited(row.key, row.url, row.title, row.author, publisher, row.published, row.note)


def _count(row: rows.Figure) -> Count:
    return Count(
        row.what,
        row.value,
        row.qualifier,
        row.scope,
        row.side,
        row.as_of,
        row.withheld_by,
        row.our_sum,
        row.note,
        row.key,
    )

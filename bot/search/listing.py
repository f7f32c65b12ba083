"""A list of what was found, and what is said if nothing was."""

from collections.abc import Iterable

from markupsafe import Markup

from bot.answers.parts import LINE, Blocks, opening
from bot.i18n import Translator
from bot.search import Found, Hit, Shown, Sought
from bot.search.lines import Line

COMMAND = "/search"


def listing(
    found: Found, sought: Sought, shown: Shown, first: int, tr: Translator
) -> tuple[Markup, list[tuple[int, Hit]]]:
    """The text, and the entries it numbers from `first` on."""
    numbered: list[tuple[int, Hit]] = []

    def lines_of(hits: Iterable[Hit | None]) -> Blocks:
        lines = []
        for hit in hits:
            if hit and (line := shown.line(hit, tr.language)):
                numbered.append((first + len(numbered), hit))
                lines.append(_numbered(numbered[-1][0], line, tr))
        return lines

    blocks = []
    if head := _head(found, sought, tr):
        blocks.append(LINE.join(head))
    if found_lines := lines_of(found.hits):
        blocks.append(LINE.join(found_lines))
    labels = tr.html("The exchange before:"), tr.html("The exchange after:")
    for label, hit in zip(labels, found.neighbours or (), strict=False):
        if first == 1 and (line := lines_of((hit,))):
            blocks.append(LINE.join([label, *line]))
    blocks.append(
        tr.html("Press a number to read it in full, with its sources.") if numbered else nothing(tr, COMMAND)
    )
    return Markup("\n\n").join(blocks), numbered


def _head(found: Found, sought: Sought, tr: Translator) -> Blocks:
    lines = []
    if found.neighbours and sought.period:
        days = opening(tr.days(sought.period.first, sought.period.last))
        lines.append(tr.html("<b>%(days)s: no exchange in our record.</b>", days=days))
    if found.total:
        lines.append(
            tr.nhtml(
                "<b>%(n)s entry found.</b>", "<b>%(n)s entries found: newest first, sources last.</b>", found.total
            )
        )
    if found.total and sought.period and found.period != sought.period:
        asked = tr.days(sought.period.first, sought.period.last)
        if found.period:
            other = tr.days(found.period.first, found.period.last)
            lines.append(tr.html("Not found in this time: %(asked)s; shown: %(found)s.", asked=asked, found=other))
        else:
            lines.append(tr.html("Not found in this time: %(asked)s; shown: other times.", asked=asked))
    # Not which words: the name of a captive is not repeated.
    if found.total and sought.words and not found.words:
        lines.append(tr.html("No entry has your words. These are of the time you named."))
    elif found.total and len(found.words) < len(sought.words):
        lines.append(tr.html("No entry has all of your words. These have some of them."))
    return lines


def _numbered(number: int, line: Line, tr: Translator) -> Markup:
    title = opening(line.title)
    if not line.about:
        return tr.html("%(number)s. <b>%(title)s</b>", number=number, title=title)
    return tr.html("%(number)s. <b>%(title)s</b> – %(about)s", number=number, title=title, about=line.about)


def nothing(tr: Translator, command: str) -> Markup:
    found = tr.html(
        "<b>Nothing was found for this.</b> Our record holds published exchanges and statements only, and no "
        "names of prisoners; what is not in it may still have happened."
    )
    return LINE.join([found, examples(tr, command)])


def examples(tr: Translator, command: str) -> Markup:
    """`command` is what the words are written after."""
    return tr.html(
        "What can be searched for, in any of the three languages and in any spelling: names, places, numbers of "
        "people, days and periods. For example:\n"
        "%(command)s Medinsky 2 June 2025\n"
        "%(command)s Azovstal\n"
        "%(command)s May 2025",
        command=command,
    )


def explained(tr: Translator, bot_name: str) -> Markup:
    inline = tr.html(
        "In any other chat, write @%(bot)s and the same words: what you choose there is sent with its sources.",
        bot=bot_name,
    )
    return Markup("\n\n").join([examples(tr, COMMAND), inline])

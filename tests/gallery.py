"""Everything the bot says, in three languages side by side: `make gallery` writes build/gallery.html.

First every situation as a reader sees it, with its buttons; then every message of the catalogues with sample
data. Each text has its length in Telegram's units.
"""

import asyncio
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.pofile import read_po
from markupsafe import Markup

from bot.answers.facts import Record
from bot.answers.load import load
from bot.answers.pages import visible_length
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, LOCALES, Language, Translator, translator
from bot.opening import ready_database
from handlers import keyboards
from tests.situations import SITUATIONS, replies

FILE = Path("build/gallery.html")
PAGE_STYLE = Path(__file__).parent.parent / "bot" / "sandbox" / "page" / "chat.css"
STYLE = """
body { height: auto; overflow: auto; margin: 1rem; background: var(--wall); }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
td { padding: .5rem; vertical-align: top; }
th { padding: 1rem .5rem .2rem; text-align: start; overflow-wrap: anywhere; }
.message { max-width: 390px; margin-bottom: .5rem; }
"""
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
COUNTS = (0, 1, 2, 5, 21)

Cells = dict[Language, list[Markup]]


def bubble(text: Markup, rows: list[list[str]] | None = None) -> Markup:
    keys = Markup("").join(
        Markup('<div class="keys-row">{}</div>').format(
            Markup("").join(Markup('<span class="key">{}</span>').format(label) for label in row)
        )
        for row in rows or ()
    )
    return Markup(
        '<div class="message"><div class="bubble"><div class="text">{}</div><div class="meta">{}</div></div>'
        '<div class="keys">{}</div></div>'
    ).format(text, visible_length(text), keys)


def situation(record: Record, name: str) -> Cells:
    cells: Cells = {}
    for language, reply in replies(record, name).items():
        tr = translator(language)
        cells[language] = []
        for number, page in enumerate(reply.pages):
            markup = keyboards.below(tr, reply, number)
            rows = [[button.text for button in row] for row in markup.inline_keyboard] if markup else None
            cells[language].append(bubble(page, rows))
    return cells


def samples(tr: Translator, message: object) -> dict[str, object]:
    """Something for each placeholder of a message, as the language would have it."""
    day = tr.day(date(2025, 5, 23))
    days = tr.days(date(2025, 5, 23), date(2025, 5, 25))
    names = tr.list([tr.gettext("Ukraine"), tr.gettext("Russia")])
    of_time = dict.fromkeys(("day", "newest", "checked"), day) | dict.fromkeys(("days", "span"), days)
    of_people = dict.fromkeys(("name", "names", "side", "speaker", "publisher", "place", "round", "role"), names)
    counted = tr.ngettext("%(n)s person", "%(n)s people", 303)
    figures = dict.fromkeys(("count", "number", "pages", "exchanges", "year"), tr.number(12))
    words = dict.fromkeys(set(PLACEHOLDER.findall(str(message))) - {"n"}, "…")
    return {**words, **of_time, **of_people, **figures, "people": counted}


def messages() -> dict[str, Cells]:
    with (LOCALES / "obmin.pot").open("rb") as source:
        template = read_po(source)
    found: dict[str, Cells] = {}
    for message in template:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        found[name] = {}
        for language in LANGUAGES:
            tr = translator(language)
            if isinstance(message.id, str):
                said = [tr.html(message.id, **samples(tr, message.id))]
            else:
                one, many = message.id
                said = [tr.nhtml(one, many, n, **samples(tr, message.id)) for n in COUNTS]
            found[name][language] = [bubble(text) for text in said]
    return found


def table(rows: dict[str, Cells]) -> Markup:
    lines = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<th>{}</th>").format(LANGUAGE_NAMES[code]) for code in LANGUAGES)
        )
    ]
    for name, cells in rows.items():
        shown = (Markup('<td lang="{}">{}</td>').format(code, Markup("").join(cells[code])) for code in LANGUAGES)
        lines.append(Markup('<tr><th colspan="3">{}</th></tr><tr>{}</tr>').format(name, Markup("").join(shown)))
    return Markup("<table>{}</table>").format(Markup("\n").join(lines))


async def write() -> None:
    with TemporaryDirectory() as folder:
        async with (
            ready_database(f"sqlite+aiosqlite:///{folder}/obmin.db") as database,
            database.read() as session,
        ):
            record = replace(await load(session), checked_on=None)
    page = Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Obmin: gallery</title><style>{}{}</style><h1>Answers</h1>{}<h1>Messages</h1>{}</html>"
    ).format(
        Markup(PAGE_STYLE.read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
        Markup(STYLE),  # noqa: S704 - ours too
        table({name: situation(record, name) for name in SITUATIONS}),
        table(messages()),
    )
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(page, encoding="utf-8")
    print(f"{FILE}: {len(SITUATIONS)} situations")


if __name__ == "__main__":
    asyncio.run(write())

"""Renews the catalogues from the code: `make messages`.

Writes obmin.pot, carries new messages into each language and drops those that are gone. English is its own
original. The other languages get empty entries, which the tests refuse until somebody writes them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOMS = ("bot", "handlers")
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "html": None, "nhtml": (1, 2)}
LANGUAGES = ("uk", "en", "ru")
ORIGINAL = "en"
HEADER: dict[str, Any] = {
    "project": "Obmin",
    "header_comment": "# Messages of Obmin.",
    "fuzzy": False,
    # The day of the run would make every run a change.
    "creation_date": datetime(2026, 1, 1, tzinfo=UTC),
}


def extracted() -> Catalog:
    """Every message in the code, with the files that use it."""
    template = Catalog(**HEADER)
    for file, message in sorted(_messages(), key=lambda found: found[0]):
        template.add(message, locations=[(file, 0)], flags=["python-format"] if "%(" in str(message) else [])
    return template


def _messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for room in ROOMS:
        for file, _, message, _, _ in extract_from_dir(HERE.parent / room, keywords=KEYWORDS):
            yield f"{room}/{file}", message


def catalogue_file(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / "obmin.po"


def update() -> None:
    _write(HERE / "obmin.pot", extracted())
    for language in LANGUAGES:
        file = catalogue_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=language, **HEADER)
        if file.exists():
            with file.open("rb") as source:
                catalogue = read_po(source, locale=language)
        catalogue.update(extracted(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.fuzzy = False
        for message in catalogue:
            if language == ORIGINAL and message.id:
                message.string = message.id
        _write(file, catalogue)
        missing = sum(not message.string or not any(message.string) for message in catalogue if message.id)
        print(f"{language}: {len(catalogue)} messages, {missing} to write")


def _write(file: Path, catalogue: Catalog) -> None:
    with file.open("wb") as target:
        write_po(target, catalogue, width=110, omit_header=False, include_lineno=False, sort_by_file=True)


if __name__ == "__main__":
    update()

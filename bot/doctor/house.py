"""What lies on this machine: room on the disk, and the catalogues of the three languages."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from sqlalchemy import make_url

from bot.doctor.finding import Finding, ok, warning, wrong
from bot.i18n import LANGUAGES, LOCALES, Translator
from bot.settings import DATA, Settings

LITTLE_ROOM, NO_ROOM = 1024**3, 200 * 1024**2
"""Bytes."""
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def disk(settings: Settings) -> Finding:
    url = make_url(settings.database)
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else DATA
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    free = shutil.disk_usage(folder).free
    # A backup, and SQLite when it tidies up, need as much room again.
    needed = file.stat().st_size if file.is_file() else 0
    told = f"{free / 1024**3:.1f} GB are free at {folder}"
    mend = "Make room, or move the database: DATABASE_URL."
    if free < NO_ROOM:
        return wrong("disk", told, mend)
    return warning("disk", told, mend) if free < max(LITTLE_ROOM, needed) else ok("disk", told)


def catalogues() -> Iterator[Finding]:
    """Each must compile, and have every message with the placeholders of the original."""
    mend = "Bring back the files of this version; those who translate run: make messages"
    try:
        original = {message.id: message for message in _catalogue("en")}
    except (OSError, ValueError) as error:
        yield wrong("language en", f"cannot be read: {type(error).__name__}", mend)
        return
    for language in LANGUAGES:
        try:
            Translator(language)
            whole = {message.id for message in _catalogue(language) if _is_whole(message)}
        except Exception as error:
            # A damaged file fails in many ways.
            yield wrong(f"language {language}", f"cannot be read: {type(error).__name__}", mend)
            continue
        if missing := len(original.keys() - whole):
            yield wrong(f"language {language}", f"{missing} of {len(original)} messages are not whole", mend)
        else:
            yield ok(f"language {language}", f"{len(whole)} messages")


def _catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "obmin.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def _is_whole(message: Message) -> bool:
    ids = (message.id,) if isinstance(message.id, str) else message.id
    forms = (message.string,) if isinstance(message.string, str) else message.string or ()
    expected = set(PLACEHOLDER.findall(ids[-1]))
    return (
        not message.fuzzy
        and bool(forms)
        and all(form and set(PLACEHOLDER.findall(form)) == expected for form in forms)
    )

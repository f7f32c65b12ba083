"""What was corrected, looked up and written once for each state of the record and of the posts."""

from markupsafe import Markup

from bot.database import Database
from bot.i18n import Language
from bot.press import changed, changes
from bot.press.changes import Changes
from bot.search.index import Moved, moved


class Corrections:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[Moved, Changes, dict[Language, tuple[Markup, ...]]] | None = None

    async def pages(self, language: Language) -> tuple[Markup, ...]:
        known = self._known
        async with self._database.read() as session:
            at = await moved(session)
            if known is None or known[0] != at:
                self._known = known = at, await changes.latest(session), {}
        _, found, written = known
        if language not in written:
            written[language] = changed.pages(found, language)
        return written[language]

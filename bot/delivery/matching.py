"""A post -> the subscriptions that it fits, as keys of `bot.delivery.press`."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import press
from bot.delivery.subscriptions import of_exchange
from bot.desk.facts import Facts, rows_of
from bot.search.index import Vocabulary
from bot.search.words import forms, stems_of_entry
from models.desk import PostRevision


async def keys(session: AsyncSession, of: PostRevision) -> list[str]:
    """Each once. Of saved searches those all of whose words stand in the post, in whichever language."""
    known = Vocabulary({stem: 1 for text in of.texts.values() for stem in stems_of_entry(text)}.items())
    there: dict[str, bool] = {}

    def stands(stem: str) -> bool:
        """Asked once for each stem, however many searches have it."""
        if stem not in there:
            there[stem] = known.entries_with(forms(stem)) > 0
        return there[stem]

    fitting = [what for what in await press.searches(session) if all(map(stands, press.stems_of(what)))]
    return list(dict.fromkeys([*_plain(of), *fitting]))


def _plain(of: PostRevision) -> Iterator[str]:
    """Its kind, who speaks in it and for whom, and what it is about."""
    yield press.of_kind(of.kind)
    for row in rows_of(of.post_id, Facts.model_validate(of.facts), of.texts):
        match row["kind"]:
            case "statement":
                if row["speaker"]:
                    yield press.of_speaker(row["speaker"])
                if row["side"] or row["speaker"]:
                    yield press.of_side(row["side"] or press.OTHERS)
                if row["exchange"]:
                    yield of_exchange(row["exchange"])
            case "exchange":
                yield of_exchange(row["key"])
            case "handover":
                yield of_exchange(row["exchange"])
    if exchange := of.facts.get("exchange"):
        yield of_exchange(exchange)

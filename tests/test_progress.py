"""The message that shows staff how a broadcast goes is kept up to date to the end, whatever fails meanwhile."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from telegram import Bot

from bot.database import Database
from bot.delivery import standing
from bot.i18n import translator
from bot.sandbox import Sandbox
from bot.vault import Vault
from handlers.desk import progress
from tests.readers import courier, crowd, follow, release

VAULT = Vault(bytes(range(32)))


async def test_it_is_followed_through_failures_of_the_database_and_the_network(
    database: Database, sandbox: Sandbox, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "RENEWED_EVERY", 0.1)
    counts, failures = standing.counts, 2

    async def fails_at_first(*arguments: Any) -> Any:  # noqa: ANN401
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise OperationalError("SELECT", None, OSError())
        return await counts(*arguments)

    monkeypatch.setattr(standing, "counts", fails_at_first)
    iryna, *readers = crowd(sandbox, 3)
    await follow(database, VAULT, readers)
    post = await release(database)
    shown = await bot.send_message(iryna.id, "Released")
    sandbox.faults.configure({"server_error": {"times": 1}, "methods": ["editMessageText"]})
    async with courier(database, VAULT, sandbox):
        await progress.follow(shown, database, translator("en"), post, "News")
    text = iryna.chat.messages[shown.message_id]["text"]
    assert "2 copies" in text
    assert text.endswith("Done.")


async def test_one_that_was_deleted_is_followed_no_more(database: Database, sandbox: Sandbox, bot: Bot) -> None:
    (iryna,) = crowd(sandbox, 1)
    await follow(database, VAULT, [iryna])
    post = await release(database)
    shown = await bot.send_message(iryna.id, "Released")
    await shown.delete()
    await progress.follow(shown, database, translator("en"), post, "News")

"""The Bot API server is away while the bot starts: it goes on by itself as soon as it can."""

import pytest

from bot import receiving
from bot.database import Database
from bot.sandbox import Sandbox
from tests.conftest import talking
from tests.test_conversation import NOT_PUBLIC
from tests.watched import watched


@pytest.mark.parametrize("method", ["getMe", "setWebhook"])
async def test_with_a_webhook(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(receiving, "RECONNECT_PAUSE", 0.1)
    # Any error that is not tried again at once by itself.
    sandbox.faults.configure({"server_error": {"times": 2, "status": 409}, "methods": [method]})
    async with watched(database, sandbox, webhook=True):
        answer = await sandbox.person("Taras").ask("/next", within=20)
    assert answer["text"].startswith(NOT_PUBLIC["en"])


async def test_with_polling_a_webhook_of_another_time_is_deleted(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "RECONNECT_PAUSE", 0.1)
    async with watched(database, sandbox, webhook=True):
        pass
    sandbox.faults.configure({"server_error": {"times": 2, "status": 409}, "methods": ["deleteWebhook"]})
    async with talking(database, sandbox):
        answer = await sandbox.person("Taras").ask("/next", within=20)
    assert answer["text"].startswith(NOT_PUBLIC["en"])

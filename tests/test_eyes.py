"""Eyes on the running bot: who may look, what is counted, and whether it is ready."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from sqlalchemy import text, update

from bot import background, metrics
from bot.database import Database, newest_schema
from bot.delivery.incoming import KINDS, OTHER
from bot.desk import staff
from bot.i18n import LANGUAGES
from bot.monitoring import VERSION, Monitoring
from bot.opening import ready_database
from bot.sandbox import Sandbox
from bot.understanding import Topic
from bot.understanding.question import DOUBTFUL
from bot.vault import Vault, VaultLocked
from bot.web import WebServer
from models.delivery import Delivery, Outcome
from tests.conftest import PostgreSQL
from tests.readers import carried_out, crowd, follow, release
from tests.test_planted import NAMES, SAID, found, planted
from tests.watched import TOKEN, Watched, watched


@pytest.fixture
async def eyes(database: Database, sandbox: Sandbox) -> AsyncIterator[Watched]:
    async with watched(database, sandbox) as eyes:
        yield eyes


# Who may look


async def test_figures_are_shown_to_who_has_the_token(eyes: Watched) -> None:
    assert (await eyes.get("/metrics"))[0] == 200
    for wrong in (None, "", "wrong", TOKEN[:-1], f"{TOKEN}x", "\xff"):
        assert (await eyes.get("/metrics", wrong))[0] == 401
    assert (await eyes.get(f"/metrics?token={TOKEN}", None))[0] == 401
    assert await eyes.get("/healthz", None) == (200, '{"status": "ok"}')


async def test_without_a_token_there_are_no_figures_for_anybody(database: Database, sandbox: Sandbox) -> None:
    async with watched(database, sandbox, None) as eyes:
        assert (await eyes.get("/metrics", None))[0] == 404
        assert (await eyes.get("/metrics", "None"))[0] == 404


# What is counted


async def test_questions_and_answers_are_counted(eyes: Watched, sandbox: Sandbox) -> None:
    before = await eyes.figures()

    async def more(name: str, **labels: str) -> float:
        key = name, frozenset(labels.items())
        return (await eyes.figures())[key] - before[key]

    taras = sandbox.person("Taras")
    await taras.ask("when is the next exchange?")
    taras.say("hmm")
    answered = "obmin_answer_seconds_count", frozenset({("kind", "message")})
    await eyes.becomes(answered[0], before[answered] + 2, kind="message")
    assert await eyes.figure("obmin_updates_waiting") == 0
    assert await more("obmin_updates_total", kind="message") == 2
    assert await more("obmin_answers_total", topic="next_exchange", language="en") == 1
    assert await more("obmin_sends_total", lane="reply") >= 2
    sandbox.mailbox.put_raw({"message": {"text": "no message at all"}})
    await eyes.becomes(
        "obmin_updates_total", before["obmin_updates_total", frozenset({("kind", OTHER)})] + 1, kind=OTHER
    )
    sandbox.faults.configure({"too_many_requests": {"times": 1, "retry_after": 1}, "methods": ["sendMessage"]})
    await taras.ask("when is the next exchange?")
    counted = "obmin_too_many_requests_total", frozenset({("lane", "reply")})
    await eyes.becomes(counted[0], before[counted] + 1, lane="reply")


async def test_a_failure_is_counted(eyes: Watched, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await eyes.figure("obmin_update_failures_total")

    async def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(eyes.services.answers, "reply", fails)
    await sandbox.person("Taras").ask("/next")
    await eyes.becomes("obmin_update_failures_total", before + 1)


async def test_a_broadcast_is_counted_and_its_queue_shown(
    eyes: Watched, database: Database, sandbox: Sandbox
) -> None:
    readers = crowd(sandbox, 5)
    readers[0].block()
    await follow(database, eyes.services.vault, readers)
    before = await eyes.figures()
    await eyes.becomes("obmin_courier_active", 1)
    async with database.write() as session:
        await staff.freeze(session, "server")
    await release(database)
    await eyes.becomes("obmin_frozen", 1)
    assert await eyes.figure("obmin_broadcasts_unfinished") == 1
    async with database.write() as session:
        assert not await staff.thaw(session, "server")
        assert await staff.thaw(session, "schedule")
    await carried_out(database)
    for outcome, count in ((Outcome.SENT, 4), (Outcome.BLOCKED, 1)):
        counted = "obmin_deliveries_total", frozenset({("outcome", str(outcome))})
        await eyes.becomes("obmin_deliveries_total", before[counted] + count, outcome=outcome)
    assert await eyes.figure("obmin_sends_total", lane="broadcast") >= 5
    assert await eyes.figure("obmin_broadcasts_unfinished") == 0
    # Nothing is sent while the token is refused, and what is due stays so.
    async with database.write() as session:
        await session.execute(text("UPDATE courier_lease SET halted = 'Unauthorized'"))
        await session.execute(update(Delivery).values(due_at=datetime.now(UTC) - timedelta(minutes=10)))
    assert await eyes.figure("obmin_courier_halted") == 1
    assert await eyes.figure("obmin_deliveries_due") == 5
    assert 600 <= await eyes.figure("obmin_delivery_lag_seconds") < 900


async def test_the_record_has_an_age(eyes: Watched, database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE record_version SET changed_at = '2025-06-01 00:00:00'"))
    assert await eyes.figure("obmin_record_changed_age_seconds") > 86_400
    # The starting record reaches to the end of May 2025.
    assert await eyes.figure("obmin_record_checked_age_seconds") > 86_400


def test_a_value_that_does_not_open_is_counted() -> None:
    def errors() -> float:
        return metrics.registry.get_sample_value("obmin_vault_errors_total") or 0

    vault, other, before = Vault(bytes(32)), Vault(b"1" * 32), errors()
    for sealed, index in ((vault.seal(1), vault.index(2)), (other.seal(1), other.index(1))):
        with pytest.raises(VaultLocked):
            vault.open(sealed, index)
    assert errors() == before + 2


CLOSED = {
    "kind": {*KINDS, OTHER},
    "topic": {*Topic, DOUBTFUL},
    "language": set(LANGUAGES),
    "lane": {"reply", "broadcast"},
    "outcome": set(Outcome),
    "version": {VERSION},
    "schema": {newest_schema()},
}


async def test_no_label_is_open_and_nothing_of_a_person_is_there(eyes: Watched, sandbox: Sandbox) -> None:
    before = await eyes.figures()
    someone = [sandbox.add_person("Vorname", "en", person_id=7_394_000_000, started=True, username="planted_1")]
    for said in (*SAID, f"/search {NAMES[1]}", f"/verify {NAMES[0]}", f"/{NAMES[0]}"):
        await someone[0].ask(said)
    page = (await eyes.get("/metrics"))[1]
    assert not found(planted(someone), page.encode())
    # Not one series more than before anybody had written.
    assert (await eyes.figures()).keys() == before.keys()
    for _, labels in before:
        for name, value in labels:
            assert name == "le" or value in CLOSED[name]


# Ready


async def test_it_is_ready(eyes: Watched) -> None:
    told = await eyes.becomes_ready(200)
    schema = newest_schema()
    assert told == {"ready": True, "database": True, "schema": schema, "newest_schema": schema, "telegram": True}


async def test_it_is_not_ready_while_telegram_is_silent(eyes: Watched, sandbox: Sandbox) -> None:
    await eyes.becomes_ready(200)
    sandbox.faults.configure({"server_error": {"share": 1}, "methods": ["getUpdates", "sendMessage"]})
    sandbox.person("Taras").say("/next")
    assert (await eyes.becomes_ready(503))["telegram"] is False
    assert await eyes.figure("obmin_telegram_connected") == 0
    sandbox.faults.clear()
    await eyes.becomes_ready(200)


async def test_behind_a_webhook_it_becomes_ready_though_it_is_sent_nothing(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TELEGRAM_ASKED_EVERY", 0.2)
    async with watched(database, sandbox, webhook=True) as eyes:
        await eyes.becomes_ready(200)
        sandbox.faults.configure({"drop": {"share": 1}})
        await eyes.becomes_ready(503)
        sandbox.faults.clear()
        await eyes.becomes_ready(200)


async def test_it_is_not_ready_on_another_schema(eyes: Watched, database: Database) -> None:
    await eyes.becomes_ready(200)
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, told = await eyes.ready()
    assert (status, told["schema"]) == (503, "9999")


@pytest.fixture
async def alone(url: str) -> AsyncIterator[tuple[Database, str]]:
    """Both databases, with the server before them, and no bot."""
    async with ready_database(url) as database:
        server = WebServer("a-secret", None, Monitoring(database, lambda: False, TOKEN).routes)
        yield database, f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}"
        await server.stop()


async def test_the_size_of_the_pool_is_shown(alone: tuple[Database, str], postgresql: PostgreSQL) -> None:
    smaller = Database(f"{postgresql()}?pool=7")
    server = WebServer("a-secret", None, Monitoring(smaller, lambda: False, TOKEN).routes)
    with_seven = f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        for root, permitted in ((alone[1], 15), (with_seven, 7)):
            async with http.get(f"{root}/metrics") as answer:
                assert f"\nobmin_database_connections_permitted {permitted}.0\n" in await answer.text()
    await server.stop()
    await smaller.close()


async def test_a_database_that_is_gone_shows(alone: tuple[Database, str]) -> None:
    database, root = alone
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(root, headers=headers) as http:
        async with http.get("/metrics") as answer:
            page = await answer.text()
        assert "obmin_database_up 1.0" in page
        assert "obmin_deliveries_due 0.0" in page
        await database.engine.dispose()
        database.engine.sync_engine.pool._creator = _gone  # type: ignore[assignment]
        async with http.get("/metrics") as answer:
            page = await answer.text()
        assert "obmin_database_up 0.0" in page
        # Old figures would look like news.
        assert "obmin_deliveries_due NaN" in page
        async with http.get("/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["database"] is False


def _gone(*_: object, **__: object) -> None:
    raise ConnectionRefusedError

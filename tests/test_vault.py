"""Chat ids are found and opened with the key, and with nothing else."""

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot import rotation
from bot.database import Database
from bot.delivery import subscriptions
from bot.opening import open_vault
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings
from bot.vault import Vault, VaultLocked, keys_from_file, keys_from_text, new_key, recognise, write_keys
from models.people import Reader
from tests.terminal import command
from tests.test_program import running

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
chat_ids = st.integers(min_value=-(2**52), max_value=2**52)


@given(chat_ids)
def test_a_sealed_id_opens_again(chat_id: int) -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(chat_id), vault.index(chat_id)) == chat_id
    assert vault.index(chat_id) == vault.index(chat_id)


@given(chat_ids)
def test_nothing_of_an_id_shows(chat_id: int) -> None:
    vault = Vault(KEY)
    assert vault.seal(chat_id) != vault.seal(chat_id)
    assert vault.index(chat_id) != Vault(OTHER).index(chat_id)
    with pytest.raises(VaultLocked):
        Vault(OTHER).open(vault.seal(chat_id), vault.index(chat_id))


def test_the_key_file_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "vault.key"
    key = keys_from_file(file, may_make=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_from_file(file, may_make=False) == key
    assert list(file.parent.iterdir()) == [file]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    keys_from_file(file, may_make=True)
    file.chmod(0o644)
    with pytest.raises(VaultLocked, match="chmod 600"):
        keys_from_file(file, may_make=True)


def test_no_new_key_is_made_for_a_sealed_database(tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="Bring the key back"):
        keys_from_file(tmp_path / "vault.key", may_make=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "short", "!" * 44, base64.b64encode(KEY[:31]).decode()])
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(VaultLocked):
        keys_from_text(text, "VAULT_KEY")


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_both_alphabets_of_base64_are_read(encode: Callable[[bytes], bytes]) -> None:
    key = b"\xff\xfe" * 16
    assert keys_from_text(encode(key).decode(), "VAULT_KEY") == [key]


async def test_p21_a_copy_of_the_database_gives_no_id(sqlite_url: str, database: Database) -> None:
    vault = await open_vault(Settings(), database)
    planted = [7_000_000_000 + 7919 * number for number in range(100)]
    async with database.write() as session:
        for chat_id in planted:
            await subscriptions.choose_language(session, vault, chat_id, "uk")
    async with database.read() as session:
        assert await subscriptions.chosen_language(session, vault, planted[0]) == "uk"
    await database.close()
    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    assert not found_in(file, planted)
    # The scanner itself: what is stored plainly, as a number or as text, it finds.
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("CREATE TABLE plain (id INTEGER, text TEXT)")
        plain.execute("INSERT INTO plain VALUES (?, ?)", (planted[0], str(planted[1])))
        plain.commit()
    assert found_in(file, planted) == set(planted[:2])


def found_in(file: Path, chat_ids: list[int]) -> set[int]:
    pages = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    # SQLite stores a number in as few bytes as hold it, the highest first.
    return {
        chat_id
        for chat_id in chat_ids
        if any(
            form in pages
            for form in (str(chat_id).encode(), chat_id.to_bytes(5, "big"), chat_id.to_bytes(5, "little"))
        )
    }


async def test_a_database_sealed_with_another_key_is_refused(database: Database) -> None:
    await open_vault(Settings(), database)
    other = Settings(vault_key=base64.b64encode(OTHER).decode())
    with pytest.raises(VaultLocked, match="another key"):
        await open_vault(other, database)


async def test_the_key_is_changed_while_the_bot_runs(
    tmp_path: Path, sqlite_url: str, database: Database, sandbox: Sandbox
) -> None:
    file = tmp_path / "vault.key"
    settings = {"DATABASE_URL": sqlite_url, "VAULT_KEY_FILE": str(file)}
    before = keys_from_file(file, may_make=True)
    server = {"BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url}
    taras, late = sandbox.person("Taras"), sandbox.person("Olena")
    async with running("run", until="connected", **settings, **server):
        taras.press(await taras.ask("/language"), "Русский")
        await taras.chat.next_edit()
        ended = await command("vault", "rotate", **settings)
        assert ended.code == 0, ended.err
        assert keys_from_file(file, may_make=False) not in (before, [])
        assert "обмен" in (await taras.ask("/help"))["text"]
        late.press(await late.ask("/language"), "English")
        await late.chat.next_edit()
        assert "exchange" in (await late.ask("/help"))["text"]
    vault = Vault(*keys_from_file(file, may_make=False))
    async with database.read() as session:
        readers = (await session.scalars(select(Reader))).all()
    assert sorted(vault.open(each.chat_sealed, each.chat_index) for each in readers) == sorted([taras.id, late.id])
    write_keys(file, before)
    with pytest.raises(VaultLocked, match="another key"):
        await open_vault(Settings(vault_key_file=file), database)


async def test_a_change_of_the_key_that_was_interrupted_is_ended_by_the_next(
    tmp_path: Path, sqlite_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 20)
    file = tmp_path / "vault.key"
    old = Vault(*keys_from_file(file, may_make=True))
    async with database.write() as session:
        await recognise(session, old)
        for chat_id in range(1, rotation.CHUNK + 10):
            await subscriptions.choose_language(session, old, chat_id, "uk")
    both = [new_key(), *keys_from_file(file, may_make=False)]
    write_keys(file, both)
    vault = Vault(*both)
    async with database.write() as session:
        await rotation.begin(session, vault)
    async for _ in rotation.reseal(database, vault):
        break
    ended = await command("vault", "rotate", DATABASE_URL=sqlite_url, VAULT_KEY_FILE=str(file))
    assert ended.code == 0, ended.err
    newest = Vault(*keys_from_file(file, may_make=False))
    assert newest.marks == vault.marks[:1]
    async with database.read() as session:
        readers = (await session.scalars(select(Reader))).all()
        assert sorted(newest.open(each.chat_sealed, each.chat_index) for each in readers) == list(
            range(1, rotation.CHUNK + 10)
        )
        await recognise(session, newest)


def test_a_sealed_value_does_not_open_in_another_row() -> None:
    vault = Vault(KEY)
    with pytest.raises(VaultLocked):
        vault.open(vault.seal(1), vault.index(2))

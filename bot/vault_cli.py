"""Commands on the vault's key: making it, and changing it while the bot runs."""

import asyncio
import base64

import typer
from rich.progress import Progress

from bot import rotation
from bot.errors import ObminError
from bot.opening import keys_of, ready_database
from bot.settings import read_settings
from bot.terminal import perform
from bot.vault import Vault, make_key_file, new_key, recognise, write_keys

cli = typer.Typer(help="The key that seals chat ids.", no_args_is_help=True)


class RotationRefused(ObminError):
    """The key cannot be changed as things are."""


@cli.command()
def init() -> None:
    """Make the key file, and say what its loss means."""
    path = read_settings().vault_key_file
    if path.exists():
        print(f"{path} is there already, and was left as it is.")
    else:
        make_key_file(path)
        print(f"Made {path}.")
    print("Keep a copy of it apart from the database and its backups: whoever has both can read the chat ids.")
    print("If it is lost, no reader and no member of staff can be reached again: they must come to the bot again.")


@cli.command("new-key")
def new() -> None:
    """Print a new key, to be put in front of the one in VAULT_KEY."""
    print(base64.b64encode(new_key()).decode())


@cli.command()
def rotate() -> None:
    """Change the key, while the bot runs; if it is interrupted, run it again."""
    perform(_rotate())


async def _rotate() -> None:
    settings = read_settings()
    async with ready_database(settings.database) as database:
        keys = keys_of(settings, may_make=False)
        vault = Vault(*keys)
        async with database.write() as session:
            await recognise(session, vault)
        if len(keys) == 1:
            if settings.vault_key:
                raise RotationRefused(
                    "Put a new key and a space in front of the one in VAULT_KEY (`obmin vault new-key` prints "
                    "one), start every bot again with both, and then run this again with both."
                )
            keys = [new_key(), *keys]
            write_keys(settings.vault_key_file, keys)
        vault.renew(keys)
        async with database.write() as session:
            await rotation.begin(session, vault)
            total = await rotation.count(session)
        print("Waiting until every running bot knows the new key ...")
        await asyncio.sleep(rotation.KNOWN_AFTER)
        with Progress() as progress:
            task = progress.add_task("Sealing with the new key", total=total)
            async for looked_at in rotation.reseal(database, vault):
                progress.advance(task, looked_at)
        async with database.write() as session:
            await rotation.end(session, vault)
    if settings.vault_key:
        print("Done. The second key in VAULT_KEY opens nothing any more: take it out.")
    else:
        write_keys(settings.vault_key_file, keys[:1])
        print(f"Done. {settings.vault_key_file} holds the new key: keep a copy of it, and destroy the old one.")

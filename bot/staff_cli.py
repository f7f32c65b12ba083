"""Commands of the desk on the server: they go through the same acts, and leave the same trail, as in Telegram."""

from typing import Annotated

import segno
import typer
from telegram import Bot
from telegram.error import TelegramError

from bot.delivery.transport import Transport
from bot.desk import audit, staff
from bot.desk.refusals import CodeRefused, NameTaken, NotAllowed, SameThawer
from bot.errors import ObminError
from bot.opening import open_vault, ready_database
from bot.settings import Settings, read_settings
from bot.terminal import end_with, perform
from handlers.desk.entry import JOIN
from models.desk import Role

cli = typer.Typer(help="Who may write, review and release.", no_args_is_help=True)
audit_cli = typer.Typer(help="The trail of what staff did.", no_args_is_help=True)


class StaffRefused(ObminError):
    """What was asked for of staff cannot be done."""


@cli.command()
def invite(
    alias: Annotated[str, typer.Argument(help="What the person is called in the trail; need not be a name.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.ADMIN,
) -> None:
    """Print a link that makes one person staff, once, within 48 hours."""
    perform(_invite(alias, role))


async def _invite(alias: str, role: Role) -> None:
    settings = read_settings()
    async with ready_database(settings.database) as database, database.write() as session:
        try:
            code = await staff.invite(session, staff.SERVER, role, alias)
        except NameTaken:
            raise StaffRefused(f"Somebody called {alias} is, or was, staff. Choose another alias.") from None
    start = f"{JOIN}{code}"
    username = await _username(settings)
    if username:
        link = f"https://t.me/{username}?start={start}"
        segno.make(link).terminal(compact=True)
        print(link)
    print(f"Or let {alias} send this to the bot: /start {start}")


async def _username(settings: Settings) -> str | None:
    """The bot's own, if it can be asked: without it the link cannot be made, and the command is enough."""
    if settings.bot_token is None:
        return None
    root = settings.bot_api_url
    try:
        token = settings.bot_token.get_secret_value()
        async with Bot(token, f"{root}/bot", request=Transport(connections=1)) as bot:
            return bot.username
    except TelegramError:
        return None


@cli.command("list")
def list_() -> None:
    """Print who is staff, one a line."""
    perform(_list())


async def _list() -> None:
    async with ready_database(read_settings().database) as database, database.read() as session:
        for each in await staff.everybody(session):
            print(f"{each.alias}\t{each.role}\t{'' if each.enrolled else 'no authenticator yet'}".rstrip())
        if by := await staff.frozen_by(session):
            print(f"Publishing and delivery are frozen, by {by}.")


@cli.command()
def revoke(alias: str) -> None:
    """End a membership at once, or withdraw an invitation that was not used; drafts are kept."""
    perform(_revoke(alias))


async def _revoke(alias: str) -> None:
    async with ready_database(read_settings().database) as database, database.write() as session:
        withdrawn = await staff.withdraw_invitations(session, staff.SERVER, alias)
        gone = await staff.revoke(session, staff.SERVER, alias)
        if not gone and not withdrawn:
            raise StaffRefused(f"There is neither a member of staff nor an open invitation called {alias}.")
        print(f"Ended: {alias}.")


@cli.command()
def freeze() -> None:
    """Stop publishing and delivery at once."""
    perform(_freeze())


async def _freeze() -> None:
    async with ready_database(read_settings().database) as database, database.write() as session:
        await staff.freeze(session, staff.SERVER)
        print("Publishing and delivery are frozen. Two members thaw them: obmin staff thaw ALIAS CODE")


@cli.command()
def thaw(alias: str, code: Annotated[str, typer.Argument(help="From that member's authenticator.")]) -> None:
    """Let publishing go on, once a second member has asked for it too."""
    perform(_thaw(alias, code))


async def _thaw(alias: str, code: str) -> None:
    settings = read_settings()
    async with ready_database(settings.database) as database:
        vault = await open_vault(settings, database)
        try:
            async with staff.acting_as(database, alias) as (session, member):
                staff.require(member, staff.Act.THAW)
                await staff.check_code(session, vault, member, code)
                done = await staff.thaw(session, member.alias)
        except CodeRefused:
            raise StaffRefused("The code does not count: give the one that the authenticator shows now.") from None
        except SameThawer:
            raise StaffRefused(f"{alias} has asked for it already. A second member must agree.") from None
        except NotAllowed:
            raise StaffRefused(f"{alias} is not a member of staff who may thaw.") from None
    print("Publishing and delivery go on." if done else "A second member must agree.")


@audit_cli.command()
def verify() -> None:
    """Check the whole chain; exit code 1 if an entry was changed or is missing."""
    perform(_verify())


async def _verify() -> None:
    async with ready_database(read_settings().database) as database, database.read() as session:
        count, broken = await audit.verify(session)
    if broken:
        end_with(f"The trail is broken at entry {broken}: it, or one before it, was changed or is missing.")
    print(f"The trail holds: {count} entries.")


@audit_cli.command("export")
def export() -> None:
    """Print the trail, one JSON object a line."""
    perform(_export())


async def _export() -> None:
    async with ready_database(read_settings().database) as database, database.read() as session:
        async for line in audit.export(session):
            print(line)

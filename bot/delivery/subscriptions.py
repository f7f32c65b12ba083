"""What a reader chose: for now the language."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import LANGUAGES, Language
from bot.vault import Vault
from models.people import Reader


async def chosen_language(session: AsyncSession, vault: Vault, chat_id: int) -> Language | None:
    chosen = await session.scalar(select(Reader.language).where(Reader.chat_index == vault.index(chat_id)))
    return next((language for language in LANGUAGES if language == chosen), None)


async def choose_language(session: AsyncSession, vault: Vault, chat_id: int, language: Language) -> None:
    index = vault.index(chat_id)
    # Two presses at once must not make two readers, nor an error of one of them.
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert(Reader) if on_sqlite else postgresql_insert(Reader)
    await session.execute(
        insert.values(chat_index=index, chat_sealed=vault.seal(chat_id), language=language).on_conflict_do_update(
            index_elements=[Reader.chat_index], set_={"language": language}
        )
    )


async def forget(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    await session.execute(delete(Reader).where(Reader.chat_index == vault.index(chat_id)))

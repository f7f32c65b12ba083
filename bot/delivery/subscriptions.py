"""What a reader chose: for now the language."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import LANGUAGES, Language
from bot.vault import Vault
from models.people import Reader


async def chosen_language(session: AsyncSession, vault: Vault, chat_id: int) -> Language | None:
    chosen = await session.scalar(select(Reader.language).where(Reader.chat_index == vault.index(chat_id)))
    return next((language for language in LANGUAGES if language == chosen), None)


async def choose_language(session: AsyncSession, vault: Vault, chat_id: int, language: Language) -> None:
    index = vault.index(chat_id)
    reader = await session.scalar(select(Reader).where(Reader.chat_index == index))
    if reader is None:
        session.add(Reader(chat_index=index, chat_sealed=vault.seal(chat_id), language=language))
    else:
        reader.language = language


async def forget(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    await session.execute(delete(Reader).where(Reader.chat_index == vault.index(chat_id)))

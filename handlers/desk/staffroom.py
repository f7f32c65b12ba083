"""Which chats may be staff's: known without a query, so that readers' messages cost nothing more.

It only shows the way to the desk. Whether somebody is staff is asked of the database in every single act.
"""

import asyncio

from telegram import Message
from telegram.ext import filters

from bot.database import Database
from bot.desk import staff
from bot.vault import Vault

SIX_FIGURES = filters.Regex(r"^\s*(?:\d\s*){6}$")
"""Perhaps a new member's first code, though the invitation was accepted at another bot behind the same webhook."""


class Staffroom:
    def __init__(self) -> None:
        self._chats: frozenset[bytes] = frozenset()
        self._refreshing = asyncio.Lock()

    async def refresh(self, database: Database) -> None:
        """One at a time: what was read earlier never replaces what was read later."""
        async with self._refreshing, database.read() as session:
            self._chats = frozenset(each.chat_index for each in await staff.everybody(session))

    def may_hold(self, vault: Vault, chat_id: int) -> bool:
        return bool(self._chats) and not self._chats.isdisjoint(vault.indexes(chat_id))


class FromStaff(filters.MessageFilter):
    def __init__(self, staffroom: Staffroom, vault: Vault) -> None:
        super().__init__("from staff")
        self._staffroom, self._vault = staffroom, vault

    def filter(self, message: Message) -> bool:
        return self._staffroom.may_hold(self._vault, message.chat_id)

"""The whole pretend Telegram without HTTP: people, chats, files, queries, updates, faults and calls.

Everything is in memory and every call costs O(1) in the number of chats.
"""

import itertools
import time
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.chats import Chat
from bot.sandbox.faults import Faults
from bot.sandbox.files import FileStore
from bot.sandbox.people import Person, Role, concerns_bot
from bot.sandbox.profile import Profile
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.streams import Streams
from bot.sandbox.updates import Mailbox

_MOST_OPEN_QUERIES = 10_000
_CALLS_REMEMBERED = 1_000
_Query = TypeVar("_Query")


@dataclass(slots=True)
class InlineQuery:
    person: Person
    query: str
    results: dict[str, Json] | None = None


class World:
    def __init__(
        self, *, bot_id: int, username: str, name: str, transcript_limit: int | None, privacy: bool
    ) -> None:
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": name, "username": username}
        self.privacy = privacy
        self.profile = Profile(name)
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.usernames: dict[str, Chat] = {}
        """Of channels, which alone a bot can name so."""
        self.files = FileStore()
        self.mailbox = Mailbox()
        self.faults = Faults()
        self.streams = Streams()
        self.call_counts: Counter[str] = Counter()
        self.calls: deque[Json] = deque(maxlen=_CALLS_REMEMBERED)
        self.inline_queries: OrderedDict[str, InlineQuery] = OrderedDict()
        self._callback_queries: OrderedDict[str, Chat] = OrderedDict()
        self._transcript_limit = transcript_limit
        self._query_ids = itertools.count(4_000_000_000_000_000_001)
        self._group_ids = itertools.count(1_000_001)
        self._person_ids = itertools.count(700_000_001)

    def now(self) -> int:
        return int(time.time())

    def add_person(
        self,
        first_name: str,
        language_code: str | None = None,
        *,
        person_id: int | None = None,
        username: str | None = None,
        role: Role = "reader",
        started: bool = False,
    ) -> Person:
        """`started`: has written to the bot before, so the bot may write first. ValueError for a taken id."""
        person_id = person_id or next(self._person_ids)
        if person_id in self.chats:
            raise ValueError(f"there is a chat {person_id} already")
        chat = Chat(
            person_id,
            "private",
            self.streams.publish,
            limit=self._transcript_limit,
            first_name=first_name,
            username=username,
        )
        chat.reachable = started
        person = Person(person_id, first_name, language_code, role, chat, self, username)
        self.people[person_id], self.chats[person_id] = person, chat
        return person

    def person(self, who: int | str) -> Person:
        """By id, or by first name; KeyError when there is none."""
        if isinstance(who, int):
            return self.people[who]
        found = next((person for person in self.people.values() if person.first_name == who), None)
        if found is None:
            raise KeyError(who)
        return found

    def add_group(self, title: str, *members: Person, supergroup: bool = False) -> Chat:
        """A group of these people and the bot, which the first of them added."""
        number = next(self._group_ids)
        chat = self._new_group(-(1_000_000_000_000 + number) if supergroup else -number, title, supergroup)
        chat.members.update(person.id for person in members)
        if members:
            self.membership_changed(chat, members[0], "member", before="left")
        return chat

    def add_channel(
        self, title: str, username: str | None = None, *, member: bool = True, posts: bool = True
    ) -> Chat:
        """`member`: the bot is in it, which in a channel only administrators are; `posts`: it may also write."""
        chat_id = -(1_000_000_000_000 + next(self._group_ids))
        chat = Chat(
            chat_id, "channel", self.streams.publish, limit=self._transcript_limit, title=title, username=username
        )
        chat.reachable, chat.administered = member, member and posts
        self.chats[chat_id] = chat
        if username:
            self.usernames[username.lower()] = chat
        return chat

    def remove_bot(self, group: Chat, by: Person) -> None:
        group.blocked = True
        self.membership_changed(group, by, "kicked")

    def migrate(self, group: Chat, by: Person) -> Chat:
        """Makes a supergroup of a group: the id changes, the old one answers with the new."""
        number = next(self._group_ids)
        successor = self._new_group(-(1_000_000_000_000 + number), group.names["title"], True)
        successor.members = group.members
        self.service_message(group, by, migrate_to_chat_id=successor.id)
        self.service_message(successor, by, migrate_from_chat_id=group.id)
        group.migrated_to = successor.id
        return successor

    def _new_group(self, chat_id: int, title: str, supergroup: bool) -> Chat:
        chat = Chat(
            chat_id,
            "supergroup" if supergroup else "group",
            self.streams.publish,
            limit=self._transcript_limit,
            title=title,
        )
        self.chats[chat_id] = chat
        return chat

    def chat(self, chat_id: int | str) -> Chat:
        """The chat that the bot names, by its id or as @username; ApiError 400 when there is none."""
        named = self.usernames.get(chat_id[1:].lower()) if isinstance(chat_id, str) else self.chats.get(chat_id)
        if named is None:
            raise bad_request("chat not found")
        return named

    def hear(self, kind: str, message: Json, chat: Chat) -> None:
        """Passes a person's message on to the bot, unless privacy mode hides it."""
        if chat.blocked or chat.migrated_to:
            return
        if chat.kind == "private" or not self.privacy or concerns_bot(message, self.bot):
            self.mailbox.put(kind, message)

    def service_message(self, chat: Chat, person: Person, **content: object) -> None:
        message = {
            "message_id": chat.next_id(),
            "from": person.json,
            "chat": chat.json,
            "date": self.now(),
            **content,
        }
        self.hear("message", chat.add(message), chat)

    def membership_changed(self, chat: Chat, person: Person, status: str, before: str = "") -> None:
        before = before or ("kicked" if status == "member" else "member")
        self.mailbox.put(
            "my_chat_member",
            {
                "chat": chat.json,
                "from": person.json,
                "date": self.now(),
                "old_chat_member": self._membership(before),
                "new_chat_member": self._membership(status),
            },
        )

    def _membership(self, status: str) -> Json:
        return {"user": self.bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    def pressed(self, person: Person, chat: Chat, message: Json, data: str) -> str:
        query_id = str(next(self._query_ids))
        _remember(self._callback_queries, query_id, chat)
        self.mailbox.put(
            "callback_query",
            {
                "id": query_id,
                "from": person.json,
                "message": message,
                "chat_instance": str(chat.id),
                "data": data,
            },
        )
        return query_id

    def take_callback_query(self, query_id: str) -> Chat | None:
        """The chat whose button was pressed; each query can be answered once."""
        return self._callback_queries.pop(query_id, None)

    def inline_asked(self, person: Person, query: str, offset: str) -> str:
        query_id = str(next(self._query_ids))
        _remember(self.inline_queries, query_id, InlineQuery(person, query))
        self.mailbox.put(
            "inline_query",
            {
                "id": query_id,
                "from": person.json,
                "chat_type": "private",
                "query": query,
                "offset": offset,
            },
        )
        return query_id

    def inline_chosen(self, person: Person, query_id: str, result_id: str, chat: Chat) -> Json:
        asked = self.inline_queries[query_id]
        result = (asked.results or {})[result_id]
        message = {
            "message_id": chat.next_id(),
            "from": person.json,
            "chat": chat.json,
            "date": self.now(),
            "via_bot": self.bot,
            **result["content"],
        }
        chosen = {"result_id": result_id, "from": person.json, "query": asked.query}
        self.mailbox.put("chosen_inline_result", chosen)
        self.hear("message", chat.add(message), chat)
        return message

    def expire_queries(self) -> None:
        """From now on every query that is still open is too old to be answered."""
        self._callback_queries.clear()
        self.inline_queries.clear()


def _remember(queries: OrderedDict[str, _Query], query_id: str, query: _Query) -> None:
    queries[query_id] = query
    if len(queries) > _MOST_OPEN_QUERIES:
        queries.popitem(last=False)

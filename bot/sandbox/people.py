"""The people who use the bot, and everything they can do that the bot hears of."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bot.sandbox.attachments import Attachment, attachment
from bot.sandbox.chats import PATIENCE, Chat
from bot.sandbox.entities import Formatted, covered, utf16_length, with_detected
from bot.sandbox.shapes import Json, without_nones

if TYPE_CHECKING:
    from bot.sandbox.world import World

Role = Literal["family", "journalist", "staff", "reader"]


@dataclass(slots=True, eq=False)
class Person:
    """Every method acts at once and returns; what the bot makes of it is awaited on the chat."""

    id: int
    first_name: str
    language_code: str | None
    role: Role
    chat: Chat
    world: "World" = field(repr=False)
    username: str | None = None

    @property
    def json(self) -> Json:
        """The Bot API's User."""
        return without_nones(
            {
                "id": self.id,
                "is_bot": False,
                "first_name": self.first_name,
                "username": self.username,
                "language_code": self.language_code,
            }
        )

    def say(self, text: str, *, chat: Chat | None = None, reply_to: int | None = None) -> Json:
        """A text message; the first one to the bot lets the bot answer, and undoes a block."""
        if not text.strip() or utf16_length(text) > 4096:
            raise ValueError("a message has 1 to 4096 characters")
        return self._send({"text": text}, chat, reply_to)

    async def ask(self, text: str, *, within: float = PATIENCE) -> Json:
        """Says something to the bot in private and returns the bot's next message."""
        self.chat.forget()
        self.say(text)
        return await self.chat.next_message(within=within)

    def edit(self, message_id: int, text: str, *, chat: Chat | None = None) -> Json:
        """Changes a message of theirs; KeyError when there is none, ValueError when it is not theirs."""
        chat = chat or self.chat
        old = chat.messages[message_id]
        if old["from"]["id"] != self.id or "text" not in old:
            raise ValueError("only their own text messages can be edited")
        formatted = with_detected(Formatted(text.strip()))
        message = {**old, "text": formatted.text, "edit_date": self.world.now()}
        message.pop("entities", None)
        if formatted.entities:
            message["entities"] = list(formatted.entities)
        self.world.hear("edited_message", chat.replace(message), chat)
        return message

    def press(self, message: Json | int, button: str, *, chat: Chat | None = None) -> str | None:
        """Presses a button by its label or callback data; returns the callback query's id.

        A button of a reply keyboard says its text instead. LookupError when there is no such button.
        """
        chat = chat or self.chat
        current = chat.messages[message if isinstance(message, int) else message["message_id"]]
        markup = current.get("reply_markup", {})
        for row in markup.get("keyboard", []):
            if any(key["text"] == button for key in row):
                self.say(button, chat=chat)
                return None
        for row in markup.get("inline_keyboard", []):
            for key in row:
                if button in {key["text"], key.get("callback_data")} and "callback_data" in key:
                    return self.world.pressed(self, chat, current, key["callback_data"])
        raise LookupError(f"message {current['message_id']} has no button {button!r}")

    def attach(
        self,
        kind: Attachment,
        *,
        content: bytes = b"",
        name: str | None = None,
        caption: str | None = None,
        chat: Chat | None = None,
        **details: object,
    ) -> Json:
        """A photo, voice message, document, sticker, contact or location; content is made up when empty."""
        fields = attachment(self.world.files, kind, content, name, details)
        if caption:
            fields["caption"] = caption
        return self._send(fields, chat, None)

    def ask_inline(self, query: str, *, offset: str = "") -> str:
        """Types `@bot query` in another chat; returns the id of the inline query."""
        return self.world.inline_asked(self, query, offset)

    def choose(self, inline_query_id: str, result_id: str, *, chat: Chat | None = None) -> Json:
        """Sends one of the results that the bot offered; LookupError when it was not offered."""
        return self.world.inline_chosen(self, inline_query_id, result_id, chat or self.chat)

    def block(self) -> None:
        self._set_blocked(True)

    def unblock(self) -> None:
        self._set_blocked(False)

    def join(self, group: Chat) -> None:
        group.members.add(self.id)
        self.world.service_message(group, self, new_chat_members=[self.json])

    def leave(self, group: Chat) -> None:
        group.members.discard(self.id)
        self.world.service_message(group, self, left_chat_member=self.json)

    def _set_blocked(self, blocked: bool) -> None:
        if self.chat.blocked != blocked:
            self.chat.blocked = blocked
            self.chat.note("blocked", {"blocked": blocked})
            self.world.membership_changed(self.chat, self, "kicked" if blocked else "member")

    def _send(self, content: Json, chat: Chat | None, reply_to: int | None) -> Json:
        chat = chat or self.chat
        if chat is self.chat:
            self.unblock()
            chat.reachable = True
        field_name = "text" if "text" in content else "caption"
        if field_name in content:
            formatted = with_detected(Formatted(content[field_name].strip()))
            content[field_name] = formatted.text
            if formatted.entities:
                entities = "entities" if field_name == "text" else "caption_entities"
                content[entities] = list(formatted.entities)
        message = {
            "message_id": chat.next_id(),
            "from": self.json,
            "chat": chat.json,
            "date": self.world.now(),
            **content,
        }
        if reply_to is not None:
            message["reply_to_message"] = without_reply(chat.messages[reply_to])
        self.world.hear("message", chat.add(message), chat)
        return message


def without_reply(message: Json) -> Json:
    """A message as it is shown inside its answer: without the one that it answers itself."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def concerns_bot(message: Json, bot: Json) -> bool:
    """Whether a bot in privacy mode sees a group message: commands, mentions, answers, service messages.

    https://core.telegram.org/bots/features#privacy-mode
    """
    text = message.get("text", message.get("caption"))
    if text is None:
        return not any(kind in message for kind in ("photo", "voice", "document", "sticker", "contact"))
    if message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]:
        return True
    for entity in message.get("entities") or message.get("caption_entities") or []:
        value = covered(text, entity).lower()
        own_name = f"@{bot['username']}".lower()
        if entity["type"] == "bot_command" and ("@" not in value or value.endswith(own_name)):
            return True
        if entity["type"] == "mention" and value == own_name:
            return True
    return False

"""The door: what the bot reads of an update, and in which form.

These are the fields Telegram promises. Everything else is dropped here, so handlers can rely on the form of what
they get.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Without U+0000, which PostgreSQL does not take; and, because it is matched, without halves of characters."""


class _Read(BaseModel):
    """Fields that are not named are ignored."""

    model_config = ConfigDict(strict=True)


class Chat(_Read):
    id: Id
    type: Text


class User(_Read):
    id: Id
    language_code: Text | None = None


class Entity(_Read):
    type: Text
    offset: int = Field(ge=0)
    length: int = Field(ge=0)


class Photo(_Read):
    file_id: Text


class Message(_Read):
    message_id: Id
    chat: Chat
    from_user: User | None = Field(None, alias="from")
    sender_chat: Chat | None = None
    text: Text | None = None
    entities: list[Entity] | None = None
    photo: list[Photo] | None = None
    media_group_id: Text | None = None
    reply_to_message: "Message | None" = None


class Press(_Read):
    id: Text
    from_user: User = Field(alias="from")
    message: Message | None = None
    data: Text | None = None


class Typed(_Read):
    """The bot's name and some words, in any chat."""

    id: Text
    from_user: User = Field(alias="from")
    query: Text
    offset: Text


class Member(_Read):
    status: Text


class Membership(_Read):
    chat: Chat
    from_user: User = Field(alias="from")
    new_chat_member: Member


class Incoming(_Read):
    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    inline_query: Typed | None = None
    my_chat_member: Membership | None = None


KINDS = [name for name in Incoming.model_fields if name != "update_id"]
"""What Telegram is asked to send us: what there are handlers for."""
OTHER = "other"
"""Any other kind, and what does not have the form of an update."""


def kind_of(admitted: dict[str, Any]) -> str:
    """One of `KINDS`; "other" for one that there is no handler for."""
    return next((kind for kind in KINDS if kind in admitted), OTHER)


def admitted(update: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever came
    """The update without the parts that no handler is for. ValueError if it lacks the form that they rely on."""
    Incoming.model_validate(update)
    return {name: update[name] for name in Incoming.model_fields if name in update}

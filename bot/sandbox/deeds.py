"""What a person can be made to do over the control interface: one function per last part of the path."""

import base64
from collections.abc import Callable
from functools import partial

from bot.sandbox.attachments import ATTACHMENTS, Attachment
from bot.sandbox.chats import Chat
from bot.sandbox.people import Person
from bot.sandbox.shapes import Json


def described(person: Person) -> Json:
    """A person as the page shows them."""
    return {
        **person.json,
        "role": person.role,
        "blocked": person.chat.blocked,
        "chat_id": person.chat.id,
        "messages": len(person.chat.messages),
    }


def _chat(person: Person, body: Json) -> Chat:
    return person.world.chats[body.get("chat_id", person.chat.id)]


def _message(person: Person, body: Json) -> Json:
    return person.say(body["text"], chat=_chat(person, body), reply_to=body.get("reply_to"))


def _edit(person: Person, body: Json) -> Json:
    return person.edit(body["message_id"], body["text"], chat=_chat(person, body))


def _press(person: Person, body: Json) -> str | None:
    return person.press(body["message_id"], body["button"], chat=_chat(person, body))


def _attach(kind: Attachment, person: Person, body: Json) -> Json:
    return person.attach(
        kind,
        content=base64.b64decode(body.get("content", "")),
        name=body.get("name"),
        caption=body.get("caption"),
        chat=_chat(person, body),
    )


def _inline(person: Person, body: Json) -> str:
    return person.ask_inline(body["query"], offset=body.get("offset", ""))


def _choose(person: Person, body: Json) -> Json:
    return person.choose(body["inline_query_id"], body["result_id"], chat=_chat(person, body))


def _block(person: Person, body: Json) -> Json:
    person.block()
    return described(person)


def _unblock(person: Person, body: Json) -> Json:
    person.unblock()
    return described(person)


def _join(person: Person, body: Json) -> Json:
    group = person.world.chats[body["chat_id"]]
    person.join(group)
    return group.json


def _leave(person: Person, body: Json) -> Json:
    group = person.world.chats[body["chat_id"]]
    person.leave(group)
    return group.json


DEEDS: dict[str, Callable[[Person, Json], Json | str | None]] = {
    "message": _message,
    "edit": _edit,
    "press": _press,
    "inline": _inline,
    "choose": _choose,
    "block": _block,
    "unblock": _unblock,
    "join": _join,
    "leave": _leave,
    **{kind: partial(_attach, kind) for kind in ATTACHMENTS},
}

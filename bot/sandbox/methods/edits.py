"""Methods that change what was there before: edit, delete, pin, and leave the chat."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.chats import Chat
from bot.sandbox.compose import caption_fields, sending_chat, text_fields
from bot.sandbox.keyboards import checked_inline_markup
from bot.sandbox.methods.sends import media_fields
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.world import World

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
# What an edit may change; a difference in anything else, such as the date, does not count.
_TEXT = ("text", "entities", "link_preview_options")
_CAPTION = ("caption", "caption_entities")
_MEDIA = ("photo", "document", "show_caption_above_media")
_CONTENT = (*_TEXT, *_CAPTION, *_MEDIA, "reply_markup")


def edit_message_text(world: World, arguments: Arguments) -> Json:
    chat, message = _own_message(world, arguments)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    fields = text_fields(world, arguments)
    return _edited(world, chat, arguments, message, _TEXT, fields)


def edit_message_caption(world: World, arguments: Arguments) -> Json:
    chat, message = _own_message(world, arguments)
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    fields = caption_fields(world, arguments)
    return _edited(world, chat, arguments, message, _CAPTION, fields)


def edit_message_media(world: World, arguments: Arguments) -> Json:
    """Puts a photo or a document in the place of another, or of a text. None can be taken out again."""
    fields = media_fields(world, arguments)
    chat, message = _own_message(world, arguments, "message media")
    return _edited(world, chat, arguments, message, (*_TEXT, *_CAPTION, *_MEDIA), fields)


def edit_message_reply_markup(world: World, arguments: Arguments) -> Json:
    chat, message = _own_message(world, arguments)
    return _edited(world, chat, arguments, message, (), {})


def delete_message(world: World, arguments: Arguments) -> bool:
    chat = sending_chat(world, arguments)
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if chat.kind != "private" and message["from"]["id"] != world.bot["id"]:
        raise bad_request("message can't be deleted")
    chat.remove(message["message_id"])
    return True


def pin_chat_message(world: World, arguments: Arguments) -> bool:
    chat = sending_chat(world, arguments)
    message_id = arguments.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to pin not found")
    chat.pinned.append(message_id)
    return True


def leave_chat(world: World, arguments: Arguments) -> bool:
    chat = sending_chat(world, arguments)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.blocked = True
    return True


def unpin_chat_message(world: World, arguments: Arguments) -> bool:
    chat = sending_chat(world, arguments)
    if not chat.pinned:
        raise bad_request("message to unpin not found")
    message_id = arguments.integer("message_id", chat.pinned[-1])
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _own_message(world: World, arguments: Arguments, edited: str = "message") -> tuple[Chat, Json]:
    if arguments.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = sending_chat(world, arguments)
    if not arguments.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != world.bot["id"] or "keyboard" in message.get("reply_markup", {}):
        raise bad_request(f"{edited} can't be edited")
    return chat, message


def _edited(
    world: World, chat: Chat, arguments: Arguments, message: Json, replaced: tuple[str, ...], fields: Json
) -> Json:
    """Any edit without `reply_markup` takes the keyboard away, as at Telegram."""
    edited = {key: value for key, value in message.items() if key not in {*replaced, "reply_markup"}}
    edited.update(fields)
    markup = arguments.decoded("reply_markup")
    if markup is not None and (keyboard := checked_inline_markup(markup)):
        edited["reply_markup"] = keyboard
    if all(edited.get(field) == message.get(field) for field in _CONTENT):
        raise bad_request(_NOT_MODIFIED)
    # A change of the keyboard alone shows no "edited" mark to people.
    if fields:
        edited["edit_date"] = world.now()
    return chat.replace(edited)

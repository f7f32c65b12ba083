"""From the arguments of a sending method to the fields of a message, with Telegram's limits."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.chats import Chat
from bot.sandbox.entities import Formatted, trimmed, with_detected
from bot.sandbox.keyboards import checked_markup
from bot.sandbox.markup import parse_html
from bot.sandbox.people import without_reply
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.world import World

# https://core.telegram.org/bots/api#sendmessage and #sendphoto
MOST_TEXT = 4096
MOST_CAPTION = 1024


def formatted(world: World, text: str, parse_mode: str, entities: list[Json] | None) -> Formatted:
    """A text with its entities, given or marked up, and those that Telegram adds."""
    if parse_mode.lower() == "html":
        result = parse_html(text)
    elif parse_mode:
        raise bad_request(f"unsupported parse_mode: the sandbox reads HTML only, not {parse_mode}")
    else:
        result = Formatted(text, tuple(entities or ()))
    known = []
    for entity in result.entities:
        if entity["type"] != "text_mention":
            known.append(entity)
        elif person := world.people.get(entity["user"]["id"]):
            known.append({**entity, "user": person.json})
    return with_detected(trimmed(Formatted(result.text, tuple(known))))


def text_fields(world: World, arguments: Arguments) -> Json:
    """`text`, `entities` and `link_preview_options` of sendMessage and editMessageText."""
    text = arguments.text("text")
    if not text:
        raise bad_request("message text is empty")
    result = formatted(world, text, arguments.text("parse_mode"), arguments.decoded("entities"))
    if not result.text:
        raise bad_request("text must be non-empty")
    if result.length > MOST_TEXT:
        raise bad_request("message is too long")
    fields: Json = {"text": result.text}
    if result.entities:
        fields["entities"] = list(result.entities)
    if options := arguments.decoded("link_preview_options"):
        fields["link_preview_options"] = options
    elif arguments.flag("disable_web_page_preview"):
        fields["link_preview_options"] = {"is_disabled": True}
    return fields


def caption_fields(world: World, arguments: Arguments) -> Json:
    result = formatted(
        world,
        arguments.text("caption"),
        arguments.text("parse_mode"),
        arguments.decoded("caption_entities"),
    )
    if result.length > MOST_CAPTION:
        raise bad_request("message caption is too long")
    fields: Json = {"caption": result.text} if result.text else {}
    if result.entities:
        fields["caption_entities"] = list(result.entities)
    return fields


def target_chat(world: World, arguments: Arguments) -> Chat:
    """The chat of `chat_id`; raises ApiError 400."""
    name = arguments.text("chat_id")
    if not name:
        raise bad_request("chat_id is empty")
    return world.chat(name if name.startswith("@") else arguments.integer("chat_id"))


def sending_chat(world: World, arguments: Arguments) -> Chat:
    """The chat of `chat_id` if the bot may write there; raises ApiError 400 or 403."""
    chat = target_chat(world, arguments)
    chat.check_reachable()
    return chat


def sent(world: World, chat: Chat, arguments: Arguments, content: Json) -> Json:
    """Puts the bot's message with this content into the chat.

    `disable_notification` is kept too: no Message of Telegram has it, but a test cannot hear a phone.
    """
    message: Json = {"from": world.bot, "chat": chat.json, "date": world.now()}
    if reply := _replied(chat, arguments):
        message["reply_to_message"] = without_reply(reply)
    message.update(content)
    if (markup := arguments.decoded("reply_markup")) is not None and (keyboard := checked_markup(markup)):
        message["reply_markup"] = keyboard
    if arguments.flag("protect_content"):
        message["has_protected_content"] = True
    if arguments.flag("disable_notification"):
        message["disable_notification"] = True
    return chat.add({"message_id": chat.next_id(), **message})


def api_message(message: Json) -> Json:
    """The message as the Bot API gives it back: without a reply keyboard, which only people see."""
    if "inline_keyboard" in message.get("reply_markup", {"inline_keyboard": []}):
        return message
    return {key: value for key, value in message.items() if key != "reply_markup"}


def _replied(chat: Chat, arguments: Arguments) -> Json | None:
    given = arguments.decoded("reply_parameters")
    if not isinstance(given, dict):
        return None
    parameters = Arguments(given)
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None and not parameters.flag("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message

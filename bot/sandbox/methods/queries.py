"""Methods that answer what waits for an answer: a pressed button, a typed inline query."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.compose import MOST_TEXT, formatted
from bot.sandbox.keyboards import checked_inline_markup
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.world import World

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_MOST_RESULTS = 50


def answer_callback_query(world: World, arguments: Arguments) -> bool:
    text = arguments.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = arguments.text("callback_query_id")
    chat = world.take_callback_query(query_id)
    if chat is None:
        raise bad_request(_TOO_OLD)
    answer: Json = {"callback_query_id": query_id, "text": text, "show_alert": arguments.flag("show_alert")}
    if url := arguments.text("url"):
        answer["url"] = url
    chat.note("callback_answer", answer)
    return True


def answer_inline_query(world: World, arguments: Arguments) -> bool:
    results = arguments.decoded("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results JSON array")
    if len(results) > _MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    checked: dict[str, Json] = {}
    for given in results:
        result = _checked_result(world, given)
        if result["id"] in checked:
            raise bad_request("RESULT_ID_DUPLICATE")
        checked[result["id"]] = result
    query_id = arguments.text("inline_query_id")
    asked = world.inline_queries.get(query_id)
    if asked is None or asked.results is not None:
        raise bad_request(_TOO_OLD)
    asked.results = checked
    asked.person.chat.note(
        "inline_answer",
        {
            "inline_query_id": query_id,
            "results": list(checked.values()),
            "cache_time": arguments.integer("cache_time", 300),
            "is_personal": arguments.flag("is_personal"),
            "next_offset": arguments.text("next_offset"),
            "button": arguments.decoded("button"),
        },
    )
    return True


def _checked_result(world: World, given: object) -> Json:
    """The result as given, with the message it would send under `content`."""
    prefix = "can't parse inline query result: "
    if not isinstance(given, dict):
        raise bad_request(f"{prefix}Object expected")
    for field in ("type", "id"):
        if not isinstance(given.get(field), str):
            raise bad_request(f'{prefix}Can\'t find field "{field}"')
    if not 1 <= len(given["id"].encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    if given["type"] != "article":
        raise bad_request(f"{prefix}the sandbox offers articles only")
    if not given.get("title"):
        raise bad_request("ARTICLE_TITLE_EMPTY")
    message = given.get("input_message_content")
    if not isinstance(message, dict) or not message.get("message_text"):
        raise bad_request(f"{prefix}Message text is not specified")
    text = formatted(
        world,
        message["message_text"],
        message.get("parse_mode", ""),
        message.get("entities"),
    )
    if text.length > MOST_TEXT:
        raise bad_request("message is too long")
    content: Json = {"text": text.text}
    if text.entities:
        content["entities"] = list(text.entities)
    if options := message.get("link_preview_options"):
        content["link_preview_options"] = options
    if given.get("reply_markup") and (keyboard := checked_inline_markup(given["reply_markup"])):
        content["reply_markup"] = keyboard
    return {**given, "content": content}

"""Methods by which the bot speaks: texts, photos, documents, "typing…"; and what an edit puts in their place."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.compose import api_message, caption_fields, sending_chat, sent, text_fields
from bot.sandbox.files import MOST_PHOTO, StoredFile, photo_size
from bot.sandbox.shapes import ApiError, Json, bad_request
from bot.sandbox.world import World

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(world: World, arguments: Arguments) -> Json:
    chat = sending_chat(world, arguments)
    return api_message(sent(world, chat, arguments, text_fields(world, arguments)))


def send_photo(world: World, arguments: Arguments) -> Json:
    chat = sending_chat(world, arguments)
    return api_message(sent(world, chat, arguments, photo_fields(world, arguments)))


def send_document(world: World, arguments: Arguments) -> Json:
    chat = sending_chat(world, arguments)
    return api_message(sent(world, chat, arguments, document_fields(world, arguments)))


def photo_fields(world: World, arguments: Arguments) -> Json:
    caption = caption_fields(world, arguments)
    stored = _file(world, arguments, "photo")
    if len(stored.content) > MOST_PHOTO:
        raise ApiError(413, "Request Entity Too Large")
    width, height = photo_size(stored.content)
    content: Json = {"photo": [{**stored.brief(), "width": width, "height": height}], **caption}
    if arguments.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def document_fields(world: World, arguments: Arguments) -> Json:
    caption = caption_fields(world, arguments)
    stored = _file(world, arguments, "document")
    document = {**stored.brief(), "file_name": stored.name, "mime_type": stored.mime_type}
    return {"document": document, **caption}


def media_fields(world: World, arguments: Arguments) -> Json:
    """Of an InputMedia: the message fields that editMessageMedia puts in the place of the old ones."""
    prefix = "can't parse InputMedia: "
    if not arguments.text("media"):
        raise bad_request('parameter "media" is required')
    given = arguments.decoded("media", "input media")
    if not isinstance(given, dict):
        raise bad_request(f"{prefix}expected an Object")
    if "type" not in given:
        raise bad_request(f'{prefix}Can\'t find field "type"')
    if given["type"] not in _MEDIA:
        raise bad_request(f"{prefix}the sandbox edits to photos and documents only")
    media = Arguments({**given, given["type"]: given.get("media", "")}, arguments.uploads)
    if not media.text("media") or (media.text("media").startswith("attach://") and not media.upload("media")):
        raise bad_request(f"{prefix}media not found")
    try:
        return _MEDIA[given["type"]](world, media)
    except ApiError as error:
        reason = error.description.removeprefix("Bad Request: ")
        raise bad_request(f"{prefix}{reason}" if reason.startswith("can't parse entities") else reason) from None


def send_chat_action(world: World, arguments: Arguments) -> bool:
    chat = sending_chat(world, arguments)
    action = arguments.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.note("action", {"action": action})
    return True


def _file(world: World, arguments: Arguments, kind: str) -> StoredFile:
    """An uploaded file, or one of the same kind that was sent before. The sandbox fetches no addresses."""
    if upload := arguments.upload(kind):
        if not upload.content:
            raise bad_request("file must be non-empty")
        return world.files.keep(kind, upload)
    given = arguments.text(kind)
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = world.files.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


_MEDIA = {"photo": photo_fields, "document": document_fields}

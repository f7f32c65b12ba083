"""What people attach: the message fields of each kind, with made-up content where none is given."""

import base64
from collections.abc import Mapping
from typing import Literal, get_args

from bot.sandbox.files import FileStore, Upload, photo_size
from bot.sandbox.shapes import Json

Attachment = Literal["photo", "voice", "document", "sticker", "contact", "location"]
ATTACHMENTS: tuple[Attachment, ...] = get_args(Attachment)

# A grey pixel: enough for a bot that only looks at the file's id.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
_NAMES = {"photo": "photo.png", "voice": "voice.ogg", "document": "document.txt", "sticker": "sticker.webp"}


def attachment(
    files: FileStore, kind: Attachment, content: bytes, name: str | None, details: Mapping[str, object]
) -> Json:
    """The fields that a message of this kind has; `details` replace single values."""
    if kind == "contact":
        return {"contact": {"phone_number": "+10000000000", "first_name": "Olena", **details}}
    if kind == "location":
        return {"location": {"latitude": 50.45, "longitude": 30.52, **details}}
    made_up = _PIXEL if kind == "photo" else f"made-up {kind}".encode()
    stored = files.keep(kind, Upload(name or _NAMES[kind], content or made_up))
    brief = stored.brief()
    if kind == "photo":
        width, height = photo_size(stored.content)
        return {"photo": [{**brief, "width": width, "height": height, **details}]}
    if kind == "voice":
        return {"voice": {**brief, "duration": 3, "mime_type": "audio/ogg", **details}}
    if kind == "sticker":
        look = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return {"sticker": {**brief, **look, **details}}
    return {"document": {**brief, "file_name": stored.name, "mime_type": stored.mime_type, **details}}

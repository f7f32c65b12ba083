"""The arguments of one Bot API call, however they came: query, JSON, form or multipart.

In forms every value is a string, nested objects are JSON inside a string, and a file is either a field of its
own or, as `attach://name`, another field of the same form.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.files import MOST_UPLOADED, Upload
from bot.sandbox.shapes import ApiError, Json, bad_request


class Arguments:
    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}
        self.uploads = uploads or {}

    def text(self, name: str, default: str = "") -> str:
        value = str(self.values.get(name, default))
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return value

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            # Telegram reads a wrong number as zero rather than refusing it.
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in {"true", "yes", "1"}

    def decoded(self, name: str, called: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """A nested value, or None when it was not given; raises ApiError 400 when it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {called or name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        given = self.text(name)
        return self.uploads.get(given.removeprefix("attach://") if given.startswith("attach://") else name)


async def read_arguments(request: web.Request) -> Arguments:
    """Raises ApiError 400 for a body that cannot be read and 413 for one that is too large."""
    values: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            body = await request.json()
            if not isinstance(body, dict):
                raise bad_request("can't parse JSON object")
            values.update(body)
        elif request.method == "POST":
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    content = value.file.read()
                    if len(content) > MOST_UPLOADED:
                        raise ApiError(413, "Request Entity Too Large")
                    uploads[name] = Upload(value.filename, content, value.content_type)
                elif isinstance(value, str):
                    values[name] = value
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    except ValueError:
        raise bad_request("can't parse the request body") from None
    return Arguments(values, uploads)

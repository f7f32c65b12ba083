"""Files that the bot or a person sent, kept in memory under made-up ids; equal content is kept once."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from pathlib import PurePath

from bot.sandbox.shapes import Json, bad_request

# https://core.telegram.org/bots/api#getfile and #sendphoto
MOST_DOWNLOADED = 20 * 1024 * 1024
MOST_PHOTO = 10 * 1024 * 1024
MOST_UPLOADED = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived, before it has an id."""

    name: str
    content: bytes
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    file_id: str
    kind: str
    name: str
    mime_type: str
    content: bytes

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.file_id}{PurePath(self.name).suffix}"

    @property
    def picture_type(self) -> str | None:
        """The media type to show it under; None for what is not a photo, whatever it claims to be."""
        if self.kind != "photo":
            return None
        return "image/png" if self.content.startswith(b"\x89PNG") else "image/jpeg"

    def brief(self) -> Json:
        """The fields that every kind of file has in a message."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id[-16:],
            "file_size": len(self.content),
        }


class FileStore:
    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, upload: Upload) -> StoredFile:
        digest = hashlib.sha256(kind.encode() + upload.name.encode() + upload.content).hexdigest()
        file_id = f"sandbox-{kind}-{digest[:16]}"
        if stored := self._files.get(file_id):
            return stored
        guessed = upload.mime_type or mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        stored = StoredFile(file_id, kind, upload.name, guessed, upload.content)
        self._files[file_id] = self._by_path[stored.path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)


def photo_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG; raises ApiError 400 for what Telegram does not take for a photo."""
    size = _png_size(content) or _jpeg_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if not width or not height or width + height > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """From the frame header, found by walking over the segments before it."""
    if content[:2] != b"\xff\xd8":
        return None
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        (length,) = struct.unpack_from(">H", content, position + 2)
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        position += 2 + length
    return None

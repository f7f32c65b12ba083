"""A file that only the vault's key opens, written and read as a stream.

A header, then chunks sealed with ChaCha20-Poly1305. The key is derived for this one file from the vault's key and
a salt; each chunk's nonce is its number and whether it is the last (STREAM: Hoang et al. 2015), so that chunks
cannot be changed, exchanged, left out or cut off.
"""

import io
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bot.errors import ObminError
from bot.vault import MARK_IN_SEAL, Vault

MAGIC = b"obmin sealed 1\n"
SALT_BYTES = 32
CHUNK = 64 * 1024
TAG_BYTES = 16


class NotOpened(ObminError):
    """The file is not sealed, was sealed with another key, or is not as it was written."""


class Sealing(io.RawIOBase):
    """What is written to it goes sealed into `file`. It is whole only after `close`."""

    def __init__(self, file: BinaryIO, vault: Vault, purpose: bytes) -> None:
        mark, salt = vault.marks[0][:MARK_IN_SEAL], secrets.token_bytes(SALT_BYTES)
        self._header = MAGIC + mark + salt
        self._cipher = ChaCha20Poly1305(vault.key_for(mark, purpose, salt))
        self._file, self._chunk, self._number = file, bytearray(), 0
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._chunk += data
        # One byte is always kept back: the last chunk must be sealed as the last.
        while len(self._chunk) > CHUNK:
            self._seal(last=False)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._seal(last=True)
        super().close()

    def _seal(self, *, last: bool) -> None:
        chunk = bytes(self._chunk[:CHUNK])
        del self._chunk[:CHUNK]
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._header))
        self._number += 1


class Opening(io.RawIOBase):
    """Gives back what was sealed into `file`; raises `NotOpened` where it is not what was written."""

    def __init__(self, file: BinaryIO, vault: Vault, purpose: bytes) -> None:
        self._header = file.read(len(MAGIC) + MARK_IN_SEAL + SALT_BYTES)
        if not self._header.startswith(MAGIC):
            raise NotOpened("it was not made by `obmin backup`")
        mark, salt = self._header[len(MAGIC) :][:MARK_IN_SEAL], self._header[len(MAGIC) + MARK_IN_SEAL :]
        if len(salt) < SALT_BYTES:
            raise NotOpened("it was cut off")
        if mark not in [each[:MARK_IN_SEAL] for each in vault.marks]:
            raise NotOpened("it was sealed with another key: set VAULT_KEY_FILE or VAULT_KEY to that")
        self._cipher = ChaCha20Poly1305(vault.key_for(mark, purpose, salt))
        self._file, self._number, self._open = file, 0, b""
        self._next: bytes = file.read(CHUNK + TAG_BYTES)
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._open and not self._ended:
            self._open = self._chunk()
        given = self._open[: len(buffer)]
        self._open = self._open[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _chunk(self) -> bytes:
        chunk, self._next = self._next, self._file.read(CHUNK + TAG_BYTES)
        self._ended = not self._next
        try:
            opened = self._cipher.decrypt(_nonce(self._number, last=self._ended), chunk, self._header)
        except InvalidTag:
            raise NotOpened("it was changed or cut off since it was written") from None
        self._number += 1
        return opened


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])

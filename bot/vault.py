"""Chat ids on their way into the database and out of it; nothing else may store one.

An id is found by a keyed hash and sent to from a sealed value. Both keys come from one secret that lies
outside the database, so a copy of the database alone gives no id, not even by trying all of them.
"""

import base64
import binascii
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ObminError
from models.people import VaultMark

KEY_BYTES = 32
NONCE_BYTES = 12


class VaultLocked(ObminError):
    """The key is missing, malformed, readable by others, or not the one this database was sealed with."""


class Vault:
    def __init__(self, key: bytes) -> None:
        self._index_key = _derive(key, b"index")
        self._seal = ChaCha20Poly1305(_derive(key, b"seal"))
        self.mark = _derive(key, b"mark")
        """Kept in the database to recognise the key again."""
        self.webhook_secret = _derive(key, b"webhook").hex()

    def index(self, chat_id: int) -> bytes:
        """32 bytes, always the same for one chat."""
        return hmac.digest(self._index_key, _packed(chat_id), "sha256")

    def seal(self, chat_id: int) -> bytes:
        """Different each time; opened by `open`."""
        return self.seal_secret(_packed(chat_id))

    def open(self, sealed: bytes) -> int:
        return int.from_bytes(self.open_secret(sealed), "big", signed=True)

    def seal_secret(self, secret: bytes) -> bytes:
        """Different each time; opened by `open_secret`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, secret, None)

    def open_secret(self, sealed: bytes) -> bytes:
        try:
            return self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag:
            raise VaultLocked("A sealed value does not open with this key.") from None


async def recognise(session: AsyncSession, vault: Vault) -> None:
    """Marks a new database as sealed with this key; raises `VaultLocked` if it was sealed with another."""
    kept = await session.get(VaultMark, 1)
    if kept is None:
        session.add(VaultMark(id=1, mark=vault.mark))
    elif kept.mark != vault.mark:
        raise VaultLocked(
            "This database was sealed with another key, so its readers could not be reached. "
            "Set VAULT_KEY_FILE or VAULT_KEY to that key."
        )


async def is_sealed(session: AsyncSession) -> bool:
    return await session.get(VaultMark, 1) is not None


def key_from_text(text: str, where: str) -> bytes:
    """`where` is what the operator has to mend if it is no key."""
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_" if set(text) & {"-", "_"} else None, validate=True)
    except (binascii.Error, ValueError):
        raise VaultLocked(f"The vault's key in {where} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise VaultLocked(f"The vault's key in {where} must have {KEY_BYTES} bytes, in base64.")
    return key


def key_from_file(path: Path, *, may_make: bool) -> bytes:
    """Reads the key; makes it where there is none and nothing was sealed yet: mode 600 from its first moment."""
    try:
        if not path.exists():
            if not may_make:
                raise VaultLocked(
                    f"There is no key in {path}, and this database was sealed with one. "
                    "Bring the key back, or set VAULT_KEY_FILE to where it is."
                )
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise VaultLocked(f"Others can read the vault's key. Run: chmod 600 {path}")
        return key_from_text(path.read_text(errors="replace"), str(path))
    except OSError as error:
        raise VaultLocked(
            f"The vault's key {path} cannot be used: {error.strerror}. Set VAULT_KEY_FILE."
        ) from error


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent) as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        # A link appears whole or not at all, and never over a key that another process has just made.
        with suppress(FileExistsError):
            path.hardlink_to(file.name)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"obmin " + purpose).derive(key)


def _packed(chat_id: int) -> bytes:
    return chat_id.to_bytes(8, "big", signed=True)

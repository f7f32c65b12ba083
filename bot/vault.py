"""Chat ids on their way into the database and out of it; nothing else may store one.

An id is found by a keyed hash and sent to from a sealed value, which opens only beside its own hash. Both keys
come from one secret that lies outside the database, so a copy of the database alone gives no id, not even by
trying all of them. While the secret is being changed (`bot.rotation`) there are two.
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import metrics
from bot.errors import ObminError
from models.people import VaultMark

KEY_BYTES = 32
NONCE_BYTES = 12
MARK_IN_SEAL = 4
"""Bytes in front of a sealed value that tell with which key it was sealed."""


class VaultLocked(ObminError):
    """The key is missing, malformed, readable by others, or not the one this database was sealed with."""


class Vault:
    def __init__(self, *keys: bytes) -> None:
        """The key to seal with first, then those of before with which something is still sealed."""
        self.renew(keys)

    def renew(self, keys: Sequence[bytes]) -> None:
        """Takes other keys while running."""
        self._keys = {key.mark[:MARK_IN_SEAL]: key for key in map(_Key, keys)}
        self._newest = next(iter(self._keys.values()))

    @property
    def marks(self) -> tuple[bytes, ...]:
        """Kept in the database to recognise the keys again, the newest first."""
        return tuple(key.mark for key in self._keys.values())

    @property
    def webhook_secret(self) -> str:
        return self._newest.webhook_secret

    def index(self, chat_id: int) -> bytes:
        """32 bytes, always the same for one chat and key."""
        return self._newest.index(chat_id)

    def indexes(self, chat_id: int) -> list[bytes]:
        """By each of the keys: one of them finds the chat."""
        return [key.index(chat_id) for key in self._keys.values()]

    def seal(self, chat_id: int) -> bytes:
        """Different each time; opened by `open` beside the chat's index."""
        return self.seal_secret(_packed(chat_id), self.index(chat_id))

    def open(self, sealed: bytes, index: bytes) -> int:
        return int.from_bytes(self.open_secret(sealed, index), "big", signed=True)

    def seal_secret(self, secret: bytes, index: bytes) -> bytes:
        """Different each time; opened by `open_secret` beside the same index."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._newest.mark[:MARK_IN_SEAL] + nonce + self._newest.cipher.encrypt(nonce, secret, index)

    def open_secret(self, sealed: bytes, index: bytes) -> bytes:
        """Raises `VaultLocked` if it was sealed with a key that is not at hand, or for another row."""
        key = self._keys.get(sealed[:MARK_IN_SEAL])
        if key is None:
            metrics.vault_errors.inc()
            raise VaultLocked("A sealed value was sealed with a key that is not at hand.")
        nonce, closed = sealed[MARK_IN_SEAL:][:NONCE_BYTES], sealed[MARK_IN_SEAL + NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, closed, index)
        except InvalidTag:
            metrics.vault_errors.inc()
            raise VaultLocked("A sealed value does not open here.") from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the newest key."""
        return sealed[:MARK_IN_SEAL] == self._newest.mark[:MARK_IN_SEAL]

    def key_for(self, mark: bytes, purpose: bytes, salt: bytes) -> bytes:
        """A key for one file, from the one of ours whose mark begins so."""
        return _derive(self._keys[mark].secret, purpose, salt)


class _Key:
    def __init__(self, key: bytes) -> None:
        self.secret = key
        self.cipher = ChaCha20Poly1305(_derive(key, b"seal"))
        self.mark = _derive(key, b"mark of a key")
        self.webhook_secret = _derive(key, b"webhook").hex()
        self._index = hmac.new(_derive(key, b"index"), digestmod="sha256")

    def index(self, chat_id: int) -> bytes:
        digest = self._index.copy()
        digest.update(_packed(chat_id))
        return digest.digest()


async def recognise(session: AsyncSession, vault: Vault) -> None:
    """Marks a new database as sealed with this key; raises `VaultLocked` if a key is missing."""
    kept = set(await session.scalars(select(VaultMark.mark)))
    if not kept:
        session.add(VaultMark(mark=vault.marks[0]))
    elif not kept <= set(vault.marks):
        raise VaultLocked(
            "This database was sealed with another key, so its readers could not be reached. "
            "Set VAULT_KEY_FILE or VAULT_KEY to that key."
        )


async def is_sealed(session: AsyncSession) -> bool:
    return await session.scalar(select(VaultMark.id).limit(1)) is not None


def keys_from_text(text: str, where: str) -> list[bytes]:
    """One in a word, the newest first. `where` is what the operator has to mend if one is not a key."""
    keys = [_key(word, where) for word in text.split()]
    if not keys:
        raise VaultLocked(f"There is no key in {where}.")
    return keys


def _key(word: str, where: str) -> bytes:
    try:
        key = base64.b64decode(word, altchars=b"-_" if set(word) & {"-", "_"} else None, validate=True)
    except (binascii.Error, ValueError):
        raise VaultLocked(f"The vault's key in {where} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise VaultLocked(f"The vault's key in {where} must have {KEY_BYTES} bytes, in base64.")
    return key


def keys_from_file(path: Path, *, may_make: bool) -> list[bytes]:
    """Reads the keys; makes one where there is none and nothing was sealed yet."""
    try:
        if not path.exists():
            if not may_make:
                raise VaultLocked(
                    f"There is no key in {path}, and this database was sealed with one. "
                    "Bring the key back, or set VAULT_KEY_FILE to where it is."
                )
            make_key_file(path)
        if path.stat().st_mode & 0o077:
            raise VaultLocked(f"Others can read the vault's key. Run: chmod 600 {path}")
        return keys_from_text(path.read_text(errors="replace"), str(path))
    except OSError as error:
        raise VaultLocked(
            f"The vault's key {path} cannot be used: {error.strerror}. Set VAULT_KEY_FILE."
        ) from error


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def make_key_file(path: Path) -> None:
    """With a new key, unless another process has just made one."""
    with _written(path, [new_key()]) as file, suppress(FileExistsError):
        path.hardlink_to(file)


def write_keys(path: Path, keys: Sequence[bytes]) -> None:
    """Puts other keys into the file, all or none."""
    with _written(path, keys) as file:
        file.replace(path)


@contextmanager
def _written(path: Path, keys: Sequence[bytes]) -> Iterator[Path]:
    """A file beside `path`, on the disk, with mode 600 from its first moment; gone in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    try:
        yield Path(file.name)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _derive(key: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt, info=b"obmin " + purpose).derive(key)


def _packed(chat_id: int) -> bytes:
    return chat_id.to_bytes(8, "big", signed=True)

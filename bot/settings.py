"""Every setting, read from the environment, from a file `.env` in the folder the command is started in, or from a
file of its own among the secrets of a container."""

import re
from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ObminError

DATA = Path("data")
SECRETS = Path("/run/secrets")
"""Where containers find theirs: a file for each, by the name of the setting."""
SHORTEST_TOKEN = 16
SENTRY_DSN = re.compile(r"https?://\w+@[\w.:-]+/[\w/]*\d+")
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}


class SettingRefused(ObminError):
    """A setting whose value cannot be used, named."""


class Settings(BaseSettings):
    """The descriptions of the fields are the table of settings in the README; a test compares them."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    bot_token: SecretStr | None = Field(
        None, description="The bot's token from @BotFather. Without it the bot runs on the sandbox."
    )
    bot_api_url: str = Field(
        "https://api.telegram.org", description="The root of the Bot API server; any compatible one will do."
    )
    database_url: str | None = Field(
        None,
        description="SQLite or PostgreSQL (`postgresql://user:password@host/name`). "
        "Without it a file in `data/`: `obmin.db`, or `sandbox.db` on the sandbox.",
    )
    database_pool: int = Field(15, ge=2, description="Connections to PostgreSQL that a process has at most.")
    database_timeout: int = Field(30, ge=1, description="Seconds that a statement may take in PostgreSQL.")
    vault_key: SecretStr | None = Field(
        None, description="The key that seals chat ids: 32 bytes in base64. Instead of a key file."
    )
    vault_key_file: Path = Field(
        DATA / "vault.key", description="The file with that key, made on the first run with mode 600."
    )
    webhook_url: str | None = Field(
        None, description="The public https address Telegram sends updates to. Without it the bot polls."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Proves that a webhook call is Telegram's. Derived from the vault's key if not set."
    )
    send_rate: int = Field(
        30,
        ge=0,
        description="Messages a second that broadcasts and replies share; Telegram permits 30. 0: no limit.",
    )
    paid_broadcasts: Literal["never", "urgent", "always"] = Field(
        "never", description="Which posts go out at 1,000 a second for Stars: never, urgent or always."
    )
    channel_uk: str | None = Field(
        None, description="A public channel (@name or id) that gets each post in Ukrainian."
    )
    channel_en: str | None = Field(None, description="The same in English.")
    channel_ru: str | None = Field(None, description="The same in Russian.")
    groups: Literal["answer", "leave"] = Field(
        "answer",
        description="In a group: answer whoever addresses the bot; or leave it, and other people's channels too.",
    )
    listen: str | None = Field(
        None,
        description="`host:port` of our own HTTP server; port 0 picks a free one. "
        "`127.0.0.1:8080` where one is needed: the sandbox's page, the webhook. "
        "With it, the bot also answers `/healthz`, `/readyz`, `/verify/CODE` and newsrooms.",
    )
    public_url: str | None = Field(
        None,
        description="The public address of that server, for links in feeds. Without it that of `WEBHOOK_URL`, "
        "or else of `LISTEN`.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that `/metrics` asks for. Without it there is no `/metrics`.",
    )
    sentry_dsn: SecretStr | None = Field(
        None, description="Where Sentry takes errors: only their kind and their place in the code are sent."
    )
    otel_endpoint: str | None = Field(
        None, description="Where OpenTelemetry takes traces over HTTP, such as `http://127.0.0.1:4318/v1/traces`."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR. No level logs who wrote or what."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="console: lines to read; json: an object a line, for a log collector."
    )

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        number, colon, rest = value.get_secret_value().partition(":") if value else ("1", ":", "x")
        if not (number.isascii() and number.isdigit() and colon and rest and rest.isascii() and " " not in rest):
            raise ValueError("it looks like 123456789:AAE..., as @BotFather gives it")
        return value

    @field_validator("bot_api_url", "webhook_url", "public_url", "otel_endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                AnyHttpUrl(value)
            except ValidationError:
                raise ValueError("it is an address that begins with http:// or https://") from None
        return value and value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str | None) -> str | None:
        return value and with_driver(value)

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str | None) -> str | None:
        if value is not None:
            host, _, port = value.rpartition(":")
            if not host or not port.isdecimal() or int(port) > 65535:
                raise ValueError("it is host:port, such as 127.0.0.1:8080")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not SENTRY_DSN.fullmatch(value.get_secret_value()):
            raise ValueError("it looks like https://KEY@HOST/NUMBER, as Sentry gives it")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and (len(value.get_secret_value()) < SHORTEST_TOKEN or not value.get_secret_value().isascii()):
            raise ValueError(
                f"it has {SHORTEST_TOKEN} letters and digits at least: openssl rand -hex 16 makes one"
            )
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _log_level(cls, value: str) -> str:
        return value.upper()

    @property
    def channels(self) -> dict[str, str]:
        """Public channels by language."""
        named = {"uk": self.channel_uk, "en": self.channel_en, "ru": self.channel_ru}
        return {language: channel for language, channel in named.items() if channel}

    @property
    def on_sandbox(self) -> bool:
        return self.bot_token is None

    @property
    def database(self) -> str:
        """Its address, with our pool size and time-out."""
        default = "sandbox.db" if self.on_sandbox else "obmin.db"
        url = make_url(self.database_url or f"sqlite+aiosqlite:///{DATA / default}")
        if url.get_backend_name() == "postgresql":
            ours = {"pool": str(self.database_pool), "timeout": str(self.database_timeout)}
            url = url.set(query={**ours, **url.query})
        return url.render_as_string(hide_password=False)

    @property
    def listen_on(self) -> tuple[str, int]:
        host, _, port = (self.listen or "127.0.0.1:8080").rpartition(":")
        return host, int(port)


def revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def with_driver(address: str) -> str:
    """The address of a database, with the driver that we use. Raises ValueError if it is not one."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # Without its host a password stands where the port should, and that error repeats it.
        url = None
    if url is None or url.drivername.partition("+")[0] not in DRIVERS:
        raise ValueError("it begins with sqlite:///, or looks like postgresql://USER:PASSWORD@HOST/NAME")
    driver = DRIVERS[url.drivername.partition("+")[0]]
    query = dict(url.query)
    if "sslmode" in query and driver == DRIVERS["postgresql"]:
        # libpq's name for it, in the addresses that providers give out; asyncpg has its own.
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername=driver, query=query).render_as_string(hide_password=False)


def read_settings() -> Settings:
    """Raises `SettingRefused`, which names the setting and never repeats its value: it may be a secret."""
    try:
        return Settings(_secrets_dir=SECRETS if SECRETS.is_dir() else None)
    except ValidationError as refused:
        problems = "; ".join(
            f"{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}"
            for error in refused.errors()
        )
        raise SettingRefused(f"A setting cannot be used. {problems}.") from None

"""What Telegram says: who we are, where it sends updates, whether we may post in our channels, what time it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.delivery.incoming import KINDS
from bot.doctor.finding import Finding, clock, ok, warning, wrong
from bot.settings import Settings, revealed
from bot.web import WEBHOOK_PATH

TIMEOUT = aiohttp.ClientTimeout(total=10)
MANY_PENDING = 100
"""Updates that wait with Telegram: more come than we take, or we take none."""
LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    result: dict[str, Any] | None
    why: str
    """Why there is none."""
    date: str | None
    """The server's time."""


async def examine(settings: Settings) -> list[Finding]:
    token = revealed(settings.bot_token)
    if token is None:
        return [
            warning("token", "there is none, so the bot runs on the sandbox", "For the real bot set BOT_TOKEN.")
        ]
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as http:
        api = f"{settings.bot_api_url}/bot{token}"
        try:
            me = await _asked(http, f"{api}/getMe")
            if me.result is None:
                return [_refused(me.status, settings)]
            webhook = await _asked(http, f"{api}/getWebhookInfo")
            channels = [
                await _channel(http, api, me.result["id"], language, name)
                for language, name in settings.channels.items()
            ]
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # Its own words hold the address, and with it the token.
            found = f"{settings.bot_api_url} cannot be queried: {type(error).__name__}"
            return [wrong("token", found, "Check the network, a proxy, and BOT_API_URL.")]
    findings = [ok("token", f"@{me.result.get('username')}"), *_webhook(webhook.result or {}, settings), *channels]
    if me.date:
        ahead = (datetime.now(UTC) - parsedate_to_datetime(me.date)).total_seconds()
        # The server gives whole seconds.
        findings.append(clock("the Bot API server", ahead - 0.5))
    return findings


async def _asked(http: aiohttp.ClientSession, address: str, **about: str | int) -> Answer:
    async with http.get(address, params=about, allow_redirects=False) as answer:
        told = await answer.json(content_type=None)
        told = told if isinstance(told, dict) else {}
        result = told.get("result")
        why = str(told.get("description", f"status {answer.status}"))
        return Answer(answer.status, result if isinstance(result, dict) else None, why, answer.headers.get("Date"))


def _refused(status: int, settings: Settings) -> Finding:
    if status in (401, 404):
        mend = "Set BOT_TOKEN to the one that @BotFather gives, and start the bot again."
        return wrong("token", f"{settings.bot_api_url} does not know it", mend)
    return wrong("token", f"{settings.bot_api_url} answers with {status}", "Wait, or look at BOT_API_URL.")


async def _channel(http: aiohttp.ClientSession, api: str, us: int, language: str, name: str) -> Finding:
    """Only an administrator that may post can deliver to a channel, and nobody but us would miss a post there."""
    check, setting = f"channel {language}", f"CHANNEL_{language.upper()}"
    mend = f"Make the bot an administrator there who may post messages; or set {setting} to the right @name or id."
    chat = await _asked(http, f"{api}/getChat", chat_id=name)
    if chat.result is None:
        return wrong(check, f"{name}: {chat.why}", mend)
    if (kind := chat.result.get("type")) != "channel":
        return warning(check, f"{name} is no channel, but of the type {kind}", f"Set {setting} to a channel.")
    member = await _asked(http, f"{api}/getChatMember", chat_id=name, user_id=us)
    if member.result is None:
        return wrong(check, f"{name}: {member.why}", mend)
    if not member.result.get("can_post_messages"):
        return wrong(check, f"the bot may not post in {name}", mend)
    return ok(check, f"the bot may post in {name}")


def _webhook(told: dict[str, Any], settings: Settings) -> Iterator[Finding]:
    theirs = str(told.get("url", ""))
    ours = settings.webhook_url + WEBHOOK_PATH if settings.webhook_url else ""
    host = urlsplit(theirs).hostname
    if theirs and not ours:
        mend = "Start the bot, which takes it away; if it comes back, another program has the token: /revoke it."
        yield wrong("webhook", f"updates go to {host}, and WEBHOOK_URL is not set", mend)
    elif theirs != ours:
        found = f"updates go to {host}, not to WEBHOOK_URL" if theirs else "Telegram has none"
        mend = "Start the bot, which sets it; if it changes back, another program has the token: /revoke it."
        yield wrong("webhook", found, mend)
    elif failed := _failed_lately(told):
        yield warning("webhook", f"Telegram could not deliver: {failed}", "Look at the proxy and its certificate.")
    elif ours and set(told.get("allowed_updates", KINDS)) != set(KINDS):
        yield warning("webhook", "Telegram sends other kinds of updates than we read", "Start the bot again.")
    else:
        yield ok("webhook", f"updates come to {host}" if ours else "none: the bot polls")
    pending = int(told.get("pending_update_count", 0))
    if pending > MANY_PENDING:
        yield warning("waiting updates", f"{pending} wait with Telegram", "See that the bot runs, and its log.")
    else:
        yield ok("waiting updates", str(pending))


def _failed_lately(told: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(told.get("last_error_date", 0), UTC)
    return str(told.get("last_error_message", "")) if datetime.now(UTC) - at < LATELY else ""

"""Wires the parts together and runs them until told to stop: the one file that knows them all."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import structlog
from telegram import LinkPreviewOptions
from telegram.ext import Application, ContextTypes, Defaults

from bot import telemetry, understanding
from bot.answers.ask import Answers
from bot.background import background
from bot.database import Database
from bot.delivery import incoming
from bot.delivery.courier import Courier
from bot.delivery.limiter import Budget, Limiter
from bot.delivery.poller import poll
from bot.delivery.transport import Transport
from bot.errors import ObminError
from bot.i18n import today_in_kyiv
from bot.logs import kind_and_place
from bot.monitoring import Monitoring
from bot.opendata.site import OpenData
from bot.opening import open_vault, ready_database
from bot.periodically import begun
from bot.receiving import Measured, set_webhook, taker, until_it_answers, webhook_secret
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings, revealed
from bot.vault import Vault
from bot.verify_page import VerifyPage
from bot.web import WEBHOOK_PATH, WebServer
from handlers import register
from handlers.context import SERVICES, App, Context, Services
from handlers.turns import UPDATES_AT_ONCE

log = structlog.get_logger()
Listening = TypeVar("Listening")

STOPPING_TIME = 8
"""Seconds for what is under way to end; then it is cut off, and those questions have to be asked again."""
WAITING_UPDATES = 256
"""More than that stay with Telegram, so that little is lost when the program is killed."""


class PortTaken(ObminError):
    """The address to listen on is in use, or not ours."""


async def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT. Raises `ObminError` with one line for the operator if it cannot start."""
    stop = told_to_stop()
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry.reporting(revealed(settings.sentry_dsn), settings.otel_endpoint))
        database = await stack.enter_async_context(ready_database(settings.database))
        vault = await open_vault(settings, database)
        api_url, token = settings.bot_api_url, SANDBOX_TOKEN
        if settings.bot_token:
            token = settings.bot_token.get_secret_value()
        else:
            sandbox = Sandbox()
            host, port = settings.listen_on
            await start_listening(sandbox.start(host, port), settings)
            stack.push_async_callback(sandbox.stop)
            api_url = sandbox.url
        services = services_of(settings, database, vault)
        application = build(token, api_url, services)
        # While the first questions come in: few of them need what takes longest to load.
        stack.push_async_callback(ended, begun(warm_up()))
        work = asyncio.create_task(serve(application, settings, vault))
        told = asyncio.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        log.info("stopping")
        work.cancel()
        await asyncio.wait({work}, timeout=STOPPING_TIME)
        if not work.done():
            log.warning("what was under way was cut off")
        elif not work.cancelled():
            work.result()


def services_of(settings: Settings, database: Database, vault: Vault) -> Services:
    return Services(
        database,
        vault,
        Answers(database),
        Budget(settings.send_rate or None),
        stays_in_groups=settings.groups == "answer",
        channels=settings.channels.values(),
    )


async def warm_up() -> None:
    await asyncio.to_thread(understanding.warm_up)
    tune_garbage_collection()


def tune_garbage_collection() -> None:
    """What is loaded by now stays, and need not be searched for garbage at every thousandth object made: that
    costs a third of the processor time of a broadcast."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM and by Ctrl+C."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def build(token: str, api_url: str, services: Services) -> App:
    transport = Transport(connections=UPDATES_AT_ONCE)
    application: App = (
        Application.builder()
        .token(token)
        .base_url(f"{api_url}/bot")
        .base_file_url(f"{api_url}/file/bot")
        .request(transport)
        # Updates are fetched by our own poller; python-telegram-bot would make a client of its own for it.
        .get_updates_request(transport)
        .updater(None)
        .update_queue(asyncio.Queue(WAITING_UPDATES))
        .rate_limiter(Limiter(services.budget))
        .defaults(
            Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True), allow_sending_without_reply=True)
        )
        .context_types(ContextTypes(context=Context))
        .concurrent_updates(Measured(services))
        .build()
    )
    application.bot_data[SERVICES] = services
    register(application, services)
    return application


async def serve(application: App, settings: Settings, vault: Vault) -> None:
    """Connects, and takes updates by webhook or by polling until it is cancelled; then ends in order."""
    services: Services = application.bot_data[SERVICES]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(application.shutdown)
        await until_it_answers(application, application.initialize)
        server = application.bot.base_url.partition("/bot")[0]
        log.info("connected", server=server, bot=application.bot.username)
        await application.start()
        stack.push_async_callback(write_unanswered, services)
        stack.push_async_callback(application.stop)
        courier = courier_of(application, settings)
        stack.callback(services.stop_following)
        stack.push_async_callback(
            ended, begun(courier.run()), *map(begun, background(application, courier, settings))
        )
        if not settings.bot_token:
            print(f"Open {server} in a browser and talk to the bot. Ctrl+C ends it.", flush=True)
        if settings.webhook_url or settings.listen:
            open_data = OpenData(services.library, application.bot.username)
            verify_page = VerifyPage(services.database, services.answers, application.bot.username)
            # On SQLite there is one bot only, which remembers by itself.
            shared = None if services.database.is_sqlite else services.database
            monitoring = Monitoring(services.database, courier.is_ours, revealed(settings.metrics_token))
            web = WebServer(
                secret := webhook_secret(settings, vault),
                taker(application, shared) if settings.webhook_url else None,
                [*monitoring.routes, *verify_page.routes, *open_data.routes],
            )
            host, port = settings.listen_on
            # On the sandbox its own page has the port.
            port = await start_listening(web.start(host, 0 if settings.on_sandbox else port), settings)
            stack.push_async_callback(web.stop)
            open_data.root = settings.public_url or settings.webhook_url or f"http://{host}:{port}"
            log.info("listening", host=host, port=port)
            if settings.on_sandbox:
                print(f"For newsrooms: http://{host}:{port}", flush=True)
            if settings.webhook_url:
                address = settings.webhook_url + WEBHOOK_PATH
                await until_it_answers(application, lambda: set_webhook(application, address, secret))
                await asyncio.Event().wait()
        # A webhook of another time would keep every update from us.
        await until_it_answers(application, application.bot.delete_webhook)
        await poll(application.bot.base_url, incoming.KINDS, taker(application))


def courier_of(application: App, settings: Settings) -> Courier:
    services: Services = application.bot_data[SERVICES]
    return Courier(
        services.database,
        services.vault,
        application.bot.base_url,
        services.budget,
        settings.channels,
        settings.paid_broadcasts,
        application.bot.username,
    )


async def write_unanswered(services: Services) -> None:
    """What was counted since it was last written, up to the last answer."""
    try:
        await services.unanswered.write(services.database, today_in_kyiv())
    except Exception as error:
        log.error("the last counts of unanswered questions are lost", **kind_and_place(error))


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Cancels them all, and only then waits until each has cleaned up."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def start_listening(started: Coroutine[Any, Any, Listening], settings: Settings) -> Listening:
    try:
        return await started
    except OSError as error:
        host, port = settings.listen_on
        raise PortTaken(
            f"{host}:{port} cannot be listened on: {error.strerror}. Set LISTEN, to 127.0.0.1:0 for a free port."
        ) from error

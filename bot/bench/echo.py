"""Bots that do nothing but say what they hear, to see what being useful costs.

`python -m bot.bench.echo ptb 8080 http://127.0.0.1:9000` takes updates at port 8080 and answers over the Bot API.
"""

import asyncio
import sys
from typing import Any

from aiogram import Bot, Dispatcher, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram import Update
from telegram.ext import Application, CallbackContext, CallbackQueryHandler, MessageHandler, filters

from bot.bench.crowd import SECRET
from bot.delivery.transport import Transport
from bot.receiving import taker
from bot.sandbox import SANDBOX_TOKEN
from bot.web import WEBHOOK_PATH, WebServer
from handlers.turns import UPDATES_AT_ONCE

TEXT = "The exchange took place. 303 people returned to Ukraine."


async def ptb(port: int, api: str) -> None:
    """python-telegram-bot over aiohttp, in the same web server as ours."""
    application = (
        Application.builder()
        .token(SANDBOX_TOKEN)
        .base_url(f"{api}/bot")
        .request(Transport(connections=UPDATES_AT_ONCE))
        .updater(None)
        .concurrent_updates(UPDATES_AT_ONCE)
        .build()
    )

    async def echo(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        if update.callback_query:
            await update.callback_query.answer()
        if update.effective_chat:
            await context.bot.send_message(update.effective_chat.id, TEXT)

    application.add_handlers([MessageHandler(filters.ALL, echo), CallbackQueryHandler(echo)])
    async with application:
        await application.start()
        await WebServer(SECRET, taker(application)).start("127.0.0.1", port)
        print("connected", flush=True)
        await asyncio.Event().wait()


async def aiogram(port: int, api: str) -> None:
    """aiogram, in its own web handler over aiohttp."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api), limit=UPDATES_AT_ONCE)
    bot, dispatcher = Bot(SANDBOX_TOKEN, session=session), Dispatcher()

    @dispatcher.message()
    async def message(heard: types.Message) -> None:
        await bot.send_message(heard.chat.id, TEXT)

    @dispatcher.callback_query()
    async def press(pressed: types.CallbackQuery) -> None:
        await pressed.answer()
        await bot.send_message(pressed.from_user.id, TEXT)

    server = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=True).register(server, WEBHOOK_PATH)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("connected", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"ptb": ptb, "aiogram": aiogram}[sys.argv[1]](int(sys.argv[2]), sys.argv[3]))

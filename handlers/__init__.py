"""The edge: one Telegram update in, one call into bot/, one reply out. Every handler is listed here, in order."""

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from handlers import (
    buttons,
    errors,
    export,
    flood,
    genuine,
    greeting,
    groups,
    inline,
    press,
    press_asof,
    press_charts,
    press_updates,
    privacy,
    questions,
    searching,
    subscriptions,
)
from handlers.addressing import addressed_to_bot, privately
from handlers.commands import TOPIC_OF_COMMAND
from handlers.context import App, Services
from handlers.desk import entry, keys, routes
from handlers.desk.staffroom import SIX_FIGURES, FromStaff

NEW_OR_EDITED = filters.UpdateType.MESSAGES
TO_THE_BOT = addressed_to_bot | filters.COMMAND
BEFORE_ALL, IN_TURN = -2, -1


def register(application: App, services: Services) -> None:
    from_staff = privately & FromStaff(services.staffroom, services.vault)
    application.add_handlers(
        [MessageHandler(TO_THE_BOT, flood.hold_back), CallbackQueryHandler(flood.hold_back)], BEFORE_ALL
    )
    application.add_handlers(
        [
            CommandHandler("freeze", services.turns.wait_for_none, filters=from_staff),
            TypeHandler(Update, services.turns.wait),
        ],
        IN_TURN,
    )
    if not services.stays_in_groups:
        application.add_handler(MessageHandler(filters.ChatType.GROUPS & TO_THE_BOT, groups.leave))
    application.add_handlers(
        [
            CommandHandler("desk", entry.desk, filters=from_staff),
            CommandHandler("freeze", routes.freeze, filters=from_staff),
            CommandHandler("cancel", routes.cancel, filters=from_staff),
            MessageHandler(
                (from_staff | (privately & SIX_FIGURES))
                & filters.UpdateType.MESSAGE
                & ~filters.COMMAND
                & ~filters.StatusUpdate.ALL,
                routes.heard,
            ),
            CallbackQueryHandler(routes.press, pattern=keys.PATTERN),
            CallbackQueryHandler(searching.press, pattern=searching.PATTERN),
            CommandHandler("start", searching.explain, filters=searching.FROM_INLINE),
            CommandHandler("start", greeting.start),
            CommandHandler("help", greeting.help_),
            CommandHandler("language", greeting.language),
            CommandHandler(["updates", "settings"], subscriptions.settings),
            CommandHandler("press", press_updates.command),
            CommandHandler("zone", press_updates.zone),
            CommandHandler("stop", subscriptions.stop),
            CommandHandler("export", export.offer),
            CommandHandler("mydata", privacy.my_data),
            CommandHandler("forget", privacy.forget),
            CommandHandler("search", searching.search, filters=NEW_OR_EDITED),
            CommandHandler("verify", genuine.verify),
            MessageHandler(NEW_OR_EDITED & filters.Regex(genuine.TAPPED), genuine.tapped),
            CommandHandler("asof", press_asof.command),
            CommandHandler("changes", press.corrections),
            CommandHandler("chart", press_charts.command),
            CommandHandler(list(TOPIC_OF_COMMAND), questions.command, filters=NEW_OR_EDITED),
            MessageHandler(privately & filters.COMMAND, questions.unknown_command),
            MessageHandler(NEW_OR_EDITED & addressed_to_bot & filters.TEXT & ~filters.COMMAND, questions.text),
            MessageHandler(
                # New ones only: a live location is edited every few seconds.
                privately & filters.UpdateType.MESSAGE & ~filters.TEXT & ~filters.StatusUpdate.ALL,
                questions.not_text,
            ),
            CallbackQueryHandler(press.press, pattern=press.PATTERN),
            CallbackQueryHandler(press_updates.press, pattern=press_updates.PATTERN),
            CallbackQueryHandler(buttons.press),
            InlineQueryHandler(inline.typed),
            ChatMemberHandler(groups.added, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    application.add_error_handler(errors.report)

"""The bot's name and a few words, typed in any chat. Of whoever typed them only the language is read."""

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.error import BadRequest

from bot.i18n import guess_language, today_in_kyiv, translator
from bot.search.offers import offers
from handlers.context import Context
from handlers.keyboards import titles
from handlers.searching import DEEP_LINK


async def typed(update: Update, context: Context) -> None:
    query = update.inline_query
    if query is None:
        return
    services = context.services
    otherwise = guess_language(query.from_user.language_code)
    found = await offers(
        services.search,
        services.answers,
        query.query,
        today_in_kyiv(),
        otherwise,
        query.offset,
        context.bot.username,
    )
    tr = translator(found.language)
    called = titles(tr)
    results = [
        InlineQueryResultArticle(
            offer.key,
            called[offer.topic] if offer.topic else offer.title,
            InputTextMessageContent(
                offer.text, parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)
            ),
            description=f"{offer.title}\n{offer.about}" if offer.topic else offer.about,
        )
        for offer in found.offers
    ]
    button = InlineQueryResultsButton(tr.gettext("How to search"), start_parameter=DEEP_LINK)
    try:
        await query.answer(
            results,
            cache_time=found.kept_for,
            is_personal=not found.of_one_language,
            # python-telegram-bot 22.8 with defaults sends an empty text as "[]".
            next_offset=found.next_offset or None,
            button=button if found.incomplete else None,
        )
    except BadRequest as error:
        # Another letter was typed meanwhile, and the answer is no longer wanted.
        if "query is too old" not in error.message.lower():
            raise

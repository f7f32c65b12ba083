"""The sandbox as python-telegram-bot sees it: the library meets the results and errors of the real one."""

from datetime import timedelta

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    Message,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.sandbox import Person, Sandbox

PIXEL = (
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63680000008200817753727a0000000049454e44ae426082"
)
"""A grey one, as PNG."""


@pytest.fixture
def olena(sandbox: Sandbox) -> Person:
    """Somebody who has written to the bot, whose messages the bot has read."""
    person = sandbox.person("Olena")
    person.say("/start")
    sandbox.mailbox.clear()
    return person


async def test_entities_with_more_to_them(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    html = (
        '<a href="https://example.org/?a=1&amp;b=2">source</a> '
        f'<a href="tg://user?id={olena.id}">Olena</a> '
        '<pre><code class="language-python">x</code></pre>'
    )
    message = await bot.send_message(olena.id, html, parse_mode="HTML")
    link, mention, code = message.entities
    assert link.url == "https://example.org/?a=1&b=2"
    assert mention.user
    assert mention.user.id == olena.id
    assert (code.type, code.language) == ("pre", "python")


async def test_whom_the_bot_may_write_to(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(42, "Hello")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(sandbox.person("Taras").id, "Hello")
    olena.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(olena.id, "Hello")
    olena.unblock()
    assert (await bot.send_message(olena.id, "Hello")).text == "Hello"
    updates = await bot.get_updates()
    assert [update.my_chat_member.new_chat_member.status for update in updates if update.my_chat_member] == [
        "kicked",
        "member",
    ]


async def test_a_group_that_became_a_supergroup(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    group = sandbox.add_group("Newsroom", olena, sandbox.person("Taras"))
    successor = sandbox.migrate(group, olena)
    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(group.id, "Hello")
    assert refusal.value.new_chat_id == successor.id
    assert (await bot.send_message(successor.id, "Hello")).chat.title == "Newsroom"


async def test_privacy_in_groups(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    group = sandbox.add_group("Newsroom", olena)
    olena.say("just talking", chat=group)
    olena.say("/last@another_bot", chat=group)
    olena.say("/last@obmin_sandbox_bot", chat=group)
    olena.say("what of it, @obmin_sandbox_bot?", chat=group)
    messages = [update.message.text for update in await bot.get_updates() if update.message]
    assert messages == ["/last@obmin_sandbox_bot", "what of it, @obmin_sandbox_bot?"]


async def test_edits(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Last", callback_data="last")]])
    sent = await bot.send_message(olena.id, "<b>One</b>", parse_mode="HTML", reply_markup=markup)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply"):
        await bot.edit_message_text(
            "<b>One</b>", olena.id, sent.message_id, parse_mode="HTML", reply_markup=markup
        )
    edited = await bot.edit_message_text("Two", olena.id, sent.message_id)
    assert isinstance(edited, type(sent))
    assert (edited.text, edited.reply_markup) == ("Two", None)
    assert edited.edit_date
    with_keys = await bot.edit_message_reply_markup(olena.id, sent.message_id, reply_markup=markup)
    assert isinstance(with_keys, type(sent))
    assert with_keys.reply_markup == markup
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(olena.id, sent.message_id, caption="x")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Two", olena.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Two", olena.id, 1)
    await bot.delete_message(olena.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(olena.id, sent.message_id)


async def test_replies_and_protection(bot: Bot, olena: Person) -> None:
    reply = await bot.send_message(olena.id, "Hi", reply_parameters=ReplyParameters(1), protect_content=True)
    assert reply.reply_to_message
    assert reply.reply_to_message.text == "/start"
    assert reply.has_protected_content
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(olena.id, "Hi", reply_parameters=ReplyParameters(99))
    orphan = ReplyParameters(99, allow_sending_without_reply=True)
    assert (await bot.send_message(olena.id, "Hi", reply_parameters=orphan)).reply_to_message is None


async def test_a_photo_comes_into_a_message_is_changed_and_never_leaves_it(bot: Bot, olena: Person) -> None:
    sent = await bot.send_message(olena.id, "One")
    photo = InputMediaPhoto(bytes.fromhex(PIXEL), caption="<b>Two</b>", parse_mode="HTML")
    edited = await bot.edit_message_media(photo, olena.id, sent.message_id)
    assert isinstance(edited, Message)
    assert (edited.text, edited.caption, edited.caption_entities[0].type) == (None, "Two", "bold")
    assert edited.edit_date
    same = InputMediaPhoto(edited.photo[-1].file_id, caption="<b>Two</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(same, olena.id, sent.message_id)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("Two", olena.id, sent.message_id)
    sheet = await bot.edit_message_media(InputMediaDocument(b"a,b", filename="a.csv"), olena.id, sent.message_id)
    assert isinstance(sheet, Message)
    assert (bool(sheet.document), sheet.photo, sheet.caption) == (True, (), None)


async def test_photos_and_documents(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    olena.attach("photo", caption="look")
    (update,) = await bot.get_updates()
    assert update.message
    file = await update.message.photo[-1].get_file()
    content = bytes(await file.download_as_bytearray())
    again = await bot.send_photo(olena.id, content, caption="<i>chart</i>", parse_mode="HTML")
    assert (again.caption, again.caption_entities[0].type) == ("chart", "italic")
    by_id = await bot.send_photo(olena.id, again.photo[-1].file_id)
    assert by_id.photo == again.photo
    edited = await bot.edit_message_caption(olena.id, again.message_id, caption="new")
    assert isinstance(edited, type(again))
    assert edited.caption == "new"
    sheet = await bot.send_document(olena.id, b"a,b\n", filename="exchanges.csv")
    assert sheet.document
    assert (sheet.document.file_name, sheet.document.mime_type) == ("exchanges.csv", "text/csv")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("x", olena.id, sheet.message_id)
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Photo"):
        await bot.send_photo(olena.id, sheet.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(olena.id, b"no picture")
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(olena.id, "no-such-file")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(olena.id, content, caption="x" * 1025)
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("no-such-file")


async def test_pressing_a_button(sandbox: Sandbox, bot: Bot, olena: Person) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Last", callback_data="last")]])
    sent = await bot.send_message(olena.id, "Choose", reply_markup=markup)
    message = await olena.chat.next_message()
    with pytest.raises(LookupError):
        olena.press(message, "First")
    query_id = olena.press(message, "Last")
    assert query_id
    (update,) = await bot.get_updates()
    assert update.callback_query
    assert (update.callback_query.data, update.callback_query.message) == ("last", sent)
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await bot.answer_callback_query(query_id, "x" * 201)
    await bot.answer_callback_query(query_id, "Here", show_alert=True)
    answer = await olena.chat.next_callback_answer()
    assert (answer["text"], answer["show_alert"]) == ("Here", True)
    too_old = "Query is too old and response timeout expired or query id is invalid"
    with pytest.raises(BadRequest, match=f"(?i){too_old}"):
        await bot.answer_callback_query(query_id)
    late = olena.press(message, "last")
    assert late
    sandbox.expire_queries()
    with pytest.raises(BadRequest, match=f"(?i){too_old}"):
        await bot.answer_callback_query(late)


async def test_inline_mode(bot: Bot, olena: Person) -> None:
    query_id = olena.ask_inline("last")
    (update,) = await bot.get_updates()
    assert update.inline_query
    assert update.inline_query.query == "last"
    content = InputTextMessageContent("<b>390</b>", parse_mode="HTML")
    await bot.answer_inline_query(query_id, [InlineQueryResultArticle("one", "Last exchange", content)])
    answer = await olena.chat.next_inline_answer()
    assert [result["title"] for result in answer["results"]] == ["Last exchange"]
    message = olena.choose(query_id, "one")
    assert (message["text"], message["entities"][0]["type"]) == ("390", "bold")
    updates = await bot.get_updates(offset=update.update_id + 1)
    assert updates[0].chosen_inline_result
    assert updates[0].chosen_inline_result.result_id == "one"


async def test_too_many_requests_then_fine(
    sandbox: Sandbox, bot: Bot, olena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    sandbox.faults.configure({"too_many_requests": {"times": 1, "retry_after": 7, "methods": ["sendMessage"]}})
    assert await bot.get_me()
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(olena.id, "Hello")
    assert refusal.value.retry_after == timedelta(seconds=7)
    assert (await bot.send_message(olena.id, "Hello")).text == "Hello"


async def test_server_errors_never_hit_polling_unless_named(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.faults.configure({"server_error": {"status": 502}})
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.get_me()
    assert await bot.get_updates() == ()
    sandbox.faults.configure({"server_error": {"status": 502, "methods": ["getUpdates"]}})
    with pytest.raises(NetworkError):
        await bot.get_updates()


async def _start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Last exchange", callback_data="last")]])
    await update.message.reply_html("<b>Welcome</b>", reply_markup=keyboard)


async def _press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.answer("One moment")
    await update.callback_query.edit_message_text("19 April")


async def _correct(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.edited_message
    await update.edited_message.reply_text(f"Now: {update.edited_message.text}")


async def test_a_polling_application_end_to_end(sandbox: Sandbox) -> None:
    application = (
        Application.builder()
        .token(sandbox.token)
        .base_url(f"{sandbox.url}/bot")
        .base_file_url(f"{sandbox.url}/file/bot")
        .build()
    )
    application.add_handler(CommandHandler("start", _start))
    application.add_handler(CallbackQueryHandler(_press))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, _correct))
    olena = sandbox.person("Olena")
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling()
        welcome = await olena.ask("/start")
        assert welcome["text"] == "Welcome"
        olena.press(welcome, "Last exchange")
        assert (await olena.chat.next_callback_answer())["text"] == "One moment"
        assert (await olena.chat.next_edit())["text"] == "19 April"
        said = olena.say("lsat")
        olena.edit(said["message_id"], "last")
        assert (await olena.chat.next_message())["text"] == "Now: last"
        await application.updater.stop()
        await application.stop()

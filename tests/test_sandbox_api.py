"""The sandbox refuses what Telegram refuses, in Telegram's words, over the same HTTP that the bot uses."""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, ServerDisconnectedError, web
from aiohttp.test_utils import TestServer
from telegram import (
    Bot,
    BotCommand,
)
from telegram.error import Conflict

from bot.sandbox import Person, Sandbox

Json = dict[str, Any]
SECRET = "drawn-by-lot"
BUTTON = {"inline_keyboard": [[{"text": "Last exchange", "callback_data": "last"}]]}


class Caller:
    """Calls methods over plain HTTP, as a library that knows nothing of the sandbox would."""

    def __init__(self, sandbox: Sandbox, session: ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session

    async def __call__(self, method: str, **arguments: object) -> Json:
        url = f"{self.sandbox.url}/bot{self.sandbox.token}/{method}"
        async with self.session.post(url, json=arguments) as response:
            answer: Json = await response.json()
            assert response.status == answer.get("error_code", HTTPStatus.OK)
            return answer

    async def refused(self, method: str, **arguments: object) -> str:
        answer = await self(method, **arguments)
        assert not answer["ok"], answer
        description: str = answer["description"]
        return description

    async def control(self, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        async with self.session.request(verb, f"{self.sandbox.url}/control/{path}", json=body) as response:
            return await response.json()


@pytest.fixture
async def call(sandbox: Sandbox) -> AsyncIterator[Caller]:
    async with ClientSession() as session:
        yield Caller(sandbox, session)


@pytest.fixture
def olena(sandbox: Sandbox) -> Person:
    """Somebody who has written to the bot, whose messages the bot has read."""
    person = sandbox.person("Olena")
    person.say("/start")
    sandbox.mailbox.clear()
    return person


async def test_wrong_token_and_unknown_method(sandbox: Sandbox, call: Caller) -> None:
    async with call.session.get(f"{sandbox.url}/bot1:wrong/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await call.refused("sendTelepathy") == "Not Found"
    assert (await call("GETME"))["result"]["username"] == "obmin_sandbox_bot"


async def test_a_taken_port_is_an_oserror(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        await Sandbox().start("127.0.0.1", port)


async def test_get_form_and_multipart_are_the_same_call(sandbox: Sandbox, call: Caller, olena: Person) -> None:
    url = f"{sandbox.url}/bot{sandbox.token}/sendMessage"
    values = {"chat_id": str(olena.id), "text": "Hello", "reply_markup": json.dumps(BUTTON)}
    multipart = FormData(values, default_to_multipart=True)
    async with call.session.get(url, params=values) as response:
        by_query = (await response.json())["result"]
    async with call.session.post(url, data=values) as response:
        by_form = (await response.json())["result"]
    async with call.session.post(url, data=multipart) as response:
        by_multipart = (await response.json())["result"]
    for message in (by_query, by_form, by_multipart):
        assert (message["text"], message["reply_markup"]) == ("Hello", BUTTON)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "Bad Request: message text is empty"),
        (" \n ", "Bad Request: text must be non-empty"),
        ("<b></b>", "Bad Request: text must be non-empty"),
        ("a" * 4097, "Bad Request: message is too long"),
        ("🕊" * 2049, "Bad Request: message is too long"),
        ("ї <foo>", 'Bad Request: can\'t parse entities: Unsupported start tag "foo" at byte offset 3'),
        ("1 < 2", 'Bad Request: can\'t parse entities: Unsupported start tag "" at byte offset 2'),
        (
            "<b>open",
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ("</b>", "Bad Request: can't parse entities: Unexpected end tag at byte offset 0"),
        (
            "<b>x</i>",
            "Bad Request: can't parse entities: Unmatched end tag at byte offset 4, "
            'expected "</b>", found "</i>"',
        ),
        (
            "<span>x</span>",
            'Bad Request: can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0',
        ),
        ("<b", "Bad Request: can't parse entities: Unclosed start tag at byte offset 0"),
    ],
)
async def test_texts_that_telegram_refuses(call: Caller, olena: Person, text: str, refusal: str) -> None:
    assert await call.refused("sendMessage", chat_id=olena.id, text=text, parse_mode="HTML") == refusal


async def test_length_is_counted_after_parsing_in_utf16(call: Caller, olena: Person) -> None:
    text = "<b>" + "🕊" * 2048 + "</b>"
    answer = await call("sendMessage", chat_id=olena.id, text=text, parse_mode="HTML")
    assert answer["result"]["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("🕊 <i>мир</i>", "🕊 мир", [("italic", 3, 3)]),
        ("<b>a <i>b</i></b>", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
        ("&lt;b&gt; &amp; &quot;x&quot; &#8364; &nbsp;", '<b> & "x" € &nbsp;', []),
        ("  <b> padded </b>  ", "padded", [("bold", 0, 6)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<del>x</del>", "x", [("strikethrough", 0, 1)]),
        ("<ins>x</ins>", "x", [("underline", 0, 1)]),
        ("<a href='not an address'>x</a>", "x", []),
        (
            "see https://example.org/a. #exchange /last",
            "see https://example.org/a. #exchange /last",
            [("url", 4, 21), ("hashtag", 27, 9), ("bot_command", 37, 5)],
        ),
        ("<code>/last</code>", "/last", [("code", 0, 5)]),
    ],
)
async def test_html_becomes_entities(
    call: Caller, olena: Person, html: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    message = (await call("sendMessage", chat_id=olena.id, text=html, parse_mode="HTML"))["result"]
    found = [(each["type"], each["offset"], each["length"]) for each in message.get("entities", [])]
    assert (message["text"], found) == (text, entities)


async def test_markdown_is_not_read(call: Caller, olena: Person) -> None:
    refusal = await call.refused("sendMessage", chat_id=olena.id, text="*x*", parse_mode="MarkdownV2")
    assert "HTML only" in refusal


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        ({"text": "x", "callback_data": "ї" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "callback_data": "a", "url": "https://example.org"},
            "can't parse inline keyboard button: Exactly one of the optional fields must be used",
        ),
        (
            {"text": "x", "url": "nowhere"},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        ({"callback_data": "a"}, "can't parse inline keyboard button: Can't find field \"text\""),
    ],
)
async def test_buttons_that_telegram_refuses(call: Caller, olena: Person, button: Json, refusal: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    answer = await call.refused("sendMessage", chat_id=olena.id, text="Hi", reply_markup=markup)
    assert answer == f"Bad Request: {refusal}"


async def test_keyboards_have_a_size(call: Caller, olena: Person) -> None:
    rows = [[{"text": str(number), "callback_data": str(number)}] for number in range(101)]
    markup = {"inline_keyboard": rows}
    refusal = await call.refused("sendMessage", chat_id=olena.id, text="Hi", reply_markup=markup)
    assert refusal == "Bad Request: reply markup is too long"
    answer = await call("sendMessage", chat_id=olena.id, text="Hi", reply_markup={"inline_keyboard": rows[:100]})
    assert answer["ok"]


async def test_long_poll_waits_and_a_second_one_ends_the_first(call: Caller, olena: Person) -> None:
    polls = [asyncio.create_task(call("getUpdates", timeout=50)) for _ in range(2)]
    (ended,), (waiting,) = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    assert ended.result() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    olena.say("hello")
    (update,) = (await waiting)["result"]
    assert update["message"]["text"] == "hello"
    assert (await call("getUpdates"))["result"] == [update]
    assert (await call("getUpdates", offset=update["update_id"] + 1))["result"] == []


async def test_limit_negative_offset_and_allowed_updates(call: Caller, olena: Person) -> None:
    for word in ("one", "two", "three"):
        olena.say(word)
    texts = [update["message"]["text"] for update in (await call("getUpdates", limit=2))["result"]]
    assert texts == ["one", "two"]
    texts = [update["message"]["text"] for update in (await call("getUpdates", offset=-1))["result"]]
    assert texts == ["three"]
    await call("getUpdates", allowed_updates=["callback_query"])
    olena.say("unheard")
    assert len((await call("getUpdates"))["result"]) == 1


async def test_webhook(sandbox: Sandbox, bot: Bot, call: Caller, olena: Person) -> None:
    received: asyncio.Queue[tuple[str | None, Json]] = asyncio.Queue()
    statuses = [500, 200]

    async def take(request: web.Request) -> web.Response:
        await received.put((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        answer = {"method": "sendMessage", "chat_id": olena.id, "text": "from the webhook"}
        return web.json_response(answer, status=statuses.pop(0))

    application = web.Application()
    application.router.add_post("/hook", take)
    async with TestServer(application) as server:
        url = str(server.make_url("/hook"))
        assert await call.refused("setWebhook", url=url, secret_token=f"{SECRET}!") == (
            "Bad Request: secret token contains unallowed characters"
        )
        assert await call.refused("setWebhook", url="ftp://x") == (
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
        )
        await bot.set_webhook(url, secret_token=SECRET, max_connections=1)
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        olena.say("hello")
        assert (await olena.chat.next_message())["text"] == "from the webhook"
        refused, accepted = await received.get(), await received.get()
        assert refused == accepted
        assert accepted[0] == SECRET
        assert accepted[1]["message"]["text"] == "hello"
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        await bot.delete_webhook()
        assert (await bot.get_webhook_info()).url == ""


async def test_commands_by_scope_and_language(sandbox: Sandbox, bot: Bot, call: Caller) -> None:
    await bot.set_my_commands([BotCommand("last", "The last exchange")])
    await bot.set_my_commands([BotCommand("last", "Останній обмін")], language_code="uk")
    olena, taras = sandbox.person("Olena"), sandbox.person("Taras")
    assert (await call.control("GET", f"people/{olena.id}/commands"))[0]["description"] == "Останній обмін"
    assert (await call.control("GET", f"people/{taras.id}/commands"))[0]["description"] == "The last exchange"
    assert len(await bot.get_my_commands(language_code="uk")) == 1
    await bot.delete_my_commands(language_code="uk")
    assert await bot.get_my_commands(language_code="uk") == ()


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ([{"command": "Last", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "last", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "last", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "last", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_commands_that_telegram_refuses(call: Caller, commands: list[Json], refusal: str) -> None:
    assert await call.refused("setMyCommands", commands=commands) == f"Bad Request: {refusal}"


@pytest.mark.parametrize(("what", "most"), [("Name", 64), ("Description", 512), ("ShortDescription", 120)])
async def test_what_the_bot_tells_of_itself(call: Caller, what: str, most: int) -> None:
    field = {"ShortDescription": "short_description"}.get(what, what.lower())
    assert "is too long" in await call.refused(f"setMy{what}", **{field: "x" * (most + 1)})
    await call(f"setMy{what}", **{field: "x" * most, "language_code": "uk"})
    assert (await call(f"getMy{what}", language_code="uk"))["result"] == {field: "x" * most}


@pytest.mark.parametrize(("after", "messages"), [(False, 1), (True, 2)])
async def test_a_dropped_connection(call: Caller, olena: Person, *, after: bool, messages: int) -> None:
    await call.control("POST", "faults", {"drop": {"after": after}, "seed": 3})
    with pytest.raises(ServerDisconnectedError):
        await call("sendMessage", chat_id=olena.id, text="Hello")
    assert len(olena.chat.messages) == messages
    await call.control("DELETE", "faults")
    assert (await call("getMe"))["ok"]


async def test_a_conversation_over_http_alone(call: Caller) -> None:
    person = await call.control("POST", "people", {"first_name": "Nina", "language_code": "uk"})
    path = f"people/{person['id']}"
    said = (await call.control("POST", f"{path}/message", {"text": "helo"}))["result"]
    await call.control("POST", f"{path}/edit", {"message_id": said["message_id"], "text": "hello"})
    await call("sendMessage", chat_id=person["id"], text="Hi", reply_markup=BUTTON)
    await call.control("POST", f"{path}/press", {"message_id": 2, "button": "Last exchange"})
    await call.control("POST", f"{path}/voice", {})
    await call.control("POST", "updates", {"message": {"broken": True}})
    updates = (await call("getUpdates"))["result"]
    kinds = [next(key for key in update if key != "update_id") for update in updates]
    assert kinds == ["message", "edited_message", "callback_query", "message", "message"]
    messages = await call.control("GET", f"chats/{person['id']}/messages?after=1")
    assert [message["message_id"] for message in messages] == [2, 3]
    calls = await call.control("GET", "calls")
    assert calls["counts"]["sendMessage"] == 1
    assert calls["last"][0]["arguments"]["text"] == "Hi"


async def test_control_mistakes_are_told(call: Caller) -> None:
    assert "error" in await call.control("POST", "people/1/message", {"text": "x"})
    assert "error" in await call.control("POST", "faults", {"drop": {"speed": 1}})
    headers = {"Origin": "https://elsewhere.example"}
    url = f"{call.sandbox.url}/control/people"
    async with call.session.get(url, headers=headers) as response:
        assert response.status == 403


async def test_events_are_streamed(call: Caller, olena: Person) -> None:
    async with call.session.get(f"{call.sandbox.url}/control/chats/{olena.chat.id}/events") as stream:
        await call("sendMessage", chat_id=olena.id, text="Hello")
        line = await stream.content.readline()
    event = json.loads(line.removeprefix(b"data: "))
    assert (event["kind"], event["content"]["text"]) == ("message", "Hello")


async def test_a_transcript_can_be_bounded() -> None:
    async with Sandbox(cast=False, transcript_limit=3) as sandbox:
        nina = sandbox.add_person("Nina")
        for number in range(10):
            nina.say(str(number))
        assert [message["text"] for message in nina.chat.messages.values()] == ["7", "8", "9"]


async def test_channels_that_the_bot_may_write_to(sandbox: Sandbox, call: Caller) -> None:
    news = sandbox.add_channel("News", "obmin_news")
    for chat in (news.id, "@obmin_news", "@Obmin_News"):
        assert (await call("sendMessage", chat_id=chat, text="One"))["result"]["chat"]["type"] == "channel"
    us = sandbox.bot["id"]
    rights = (await call("getChatMember", chat_id="@obmin_news", user_id=us))["result"]
    assert (rights["status"], rights["can_post_messages"]) == ("administrator", True)
    assert await call.refused("sendMessage", chat_id="obmin_news", text="One") == "Bad Request: chat not found"
    mute = sandbox.add_channel("May not post", posts=False)
    refused = await call.refused("sendMessage", chat_id=mute.id, text="One")
    assert refused == "Bad Request: need administrator rights in the channel chat"
    private, public = (
        sandbox.add_channel("Left", member=False),
        sandbox.add_channel("Open", "open_one", member=False),
    )
    for chat in (private.id, public.id):
        refused = await call.refused("sendMessage", chat_id=chat, text="One")
        assert refused == "Forbidden: bot is not a member of the channel chat"
    assert await call.refused("getChat", chat_id=private.id) == refused
    assert (await call("getChat", chat_id="@open_one"))["result"]["title"] == "Open"
    refused = await call.refused("getChatMember", chat_id="@open_one", user_id=us)
    assert refused == "Bad Request: member list is inaccessible"


@pytest.mark.parametrize(
    ("media", "refusal"),
    [
        (None, 'parameter "media" is required'),
        ("photo", "can't parse input media JSON object"),
        ("[]", "can't parse InputMedia: expected an Object"),
        ({"media": "x"}, "can't parse InputMedia: Can't find field \"type\""),
        ({"type": "photo"}, "can't parse InputMedia: media not found"),
        ({"type": "photo", "media": "attach://nothing"}, "can't parse InputMedia: media not found"),
        ({"type": "photo", "media": "no-such-file"}, "wrong file identifier/HTTP URL specified"),
        (
            {"type": "photo", "media": "x", "caption": "</b>", "parse_mode": "HTML"},
            "can't parse InputMedia: can't parse entities: Unexpected end tag at byte offset 0",
        ),
    ],
)
async def test_media_that_no_message_is_edited_to(
    call: Caller, olena: Person, media: object, refusal: str
) -> None:
    sent = (await call("sendMessage", chat_id=olena.id, text="One"))["result"]["message_id"]
    told = await call.refused("editMessageMedia", chat_id=olena.id, message_id=sent, media=media)
    assert told == f"Bad Request: {refusal}"


async def test_messages_whose_media_cannot_be_edited(sandbox: Sandbox, call: Caller, olena: Person) -> None:
    photo = olena.attach("photo")
    media = {"type": "photo", "media": photo["photo"][-1]["file_id"]}
    keys = {"keyboard": [[{"text": "One"}]]}
    sent = (await call("sendMessage", chat_id=olena.id, text="One", reply_markup=keys))["result"]["message_id"]
    for message, refusal in (
        (999, "message to edit not found"),
        (photo["message_id"], "message media can't be edited"),
        (sent, "message media can't be edited"),
    ):
        told = await call.refused("editMessageMedia", chat_id=olena.id, message_id=message, media=media)
        assert told == f"Bad Request: {refusal}"

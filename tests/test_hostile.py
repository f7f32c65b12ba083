"""What hostile people send: it is answered like anything else, repeated nowhere, and opens nothing."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from bot.desk import staff
from bot.sandbox import Person, Sandbox
from handlers.context import Services
from models.desk import Role
from tests.test_conversation import NOT_PUBLIC
from tests.test_desk_talk import Colleague, hired, labels, part, written

Message = dict[str, Any]

MARK = "zqxj"
"""No answer has it of itself."""
RUBBISH = [
    "",
    ":" * 64,
    "x" * 64,
    "\U0001f647" * 16,
    "d:",
    "d:open:1",
    "d:approve:1:0123456789abcdef",
    "d:staff",
    "d:../..",
    "l:",
    "l:xx",
    "l:uk:en",
    "t:distress",
    "t:" + "x" * 62,
    "p:0",
    "p:-1:talks:::uk",
    "p:1e9:talks:::uk",
    "p:²:talks:::uk",
    "p:0:talks:20250101-20240101::uk",
    "p:0:statement::' OR 1=1 --:uk",
    "p:0:statement::<b>:uk",
    "w:p:talks::",
    "u:follow:everything",
    "u:hour:25",
    "u:follow:exchange:" + "x" * 40,
    "u:follow:exchange:nobody",
]


async def test_a_forged_deep_link_opens_nothing(sandbox: Sandbox, services: Services, taras: Person) -> None:
    async with services.database.write() as session:
        invitation = await staff.invite(session, staff.SERVER, Role.ADMIN, "marko")
    for payload in (
        "desk-",
        f"desk-{MARK}",
        f"desk-{invitation[:-1]}",
        f"desk-{invitation}x",
        f"desk-{invitation.swapcase()}",
        f"DESK-{invitation}",
        invitation,
        "desk-' OR 1=1 --",
        f"desk-<b>{MARK}</b>",
        "desk-\u202e" + invitation,
        "desk-" + "x" * 4000,
        "../" * 20,
    ):
        answer = await taras.ask(f"/start {payload}")
        assert MARK not in json.dumps(answer)
    group = sandbox.add_group("Newsroom", taras)
    taras.say(f"/start@obmin_sandbox_bot desk-{invitation}", chat=group)
    await group.next_message()
    async with services.database.read() as session:
        assert await staff.everybody(session) == []
    # It was not used up by all that.
    assert "authenticator" in (await taras.ask(f"/start desk-{invitation}"))["caption"]


@pytest.mark.parametrize("carried", RUBBISH)
async def test_a_forged_button_does_nothing(sandbox: Sandbox, taras: Person, carried: str) -> None:
    asked = await taras.ask("/start")
    sandbox.pressed(taras, taras.chat, asked, carried)
    assert await taras.chat.next_callback_answer()
    assert (await taras.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])


async def test_a_button_of_another_chat_acts_on_ones_own(
    sandbox: Sandbox, services: Services, taras: Person, olena: Person
) -> None:
    """Data names no chat: whoever presses it changes only what is theirs."""
    screen = await olena.ask("/updates")
    olena.press(screen, "u:follow:all")
    before = await olena.chat.next_edit()
    olena.chat.forget()
    own = await taras.ask("/updates")
    sandbox.pressed(taras, taras.chat, own, "u:follow:none")
    sandbox.pressed(taras, taras.chat, {**screen, "chat": taras.chat.json}, "l:ru")
    await taras.chat.next_callback_answer()
    await taras.chat.next_callback_answer()
    assert (await olena.ask("/updates"))["text"] == before["text"]


async def test_the_desks_buttons_show_nothing_in_a_group(sandbox: Sandbox, services: Services) -> None:
    """Pressed there by one of the staff, they would show drafts to everybody."""
    marko = await hired(services, sandbox.add_person("Marko", "en"), Role.ADMIN)
    await written(marko)
    group = sandbox.add_group("Newsroom", marko.person)
    marko.person.say("/next", chat=group)
    message = await group.next_message()
    for carried in ("d:open:1", "d:preview:1", "d:drafts", "d:new", "d:history:1", "d:staff", "d:audit"):
        sandbox.pressed(marko.person, group, message, carried)
        assert "earlier time" in (await group.next_callback_answer())["text"]
    with pytest.raises(TimeoutError):
        await group.next_message(within=0.5)


def nested(text: str, kinds: Iterable[str], times: int) -> list[Message]:
    """One in another, each a character shorter at both ends; some beyond the text, as no client sends them."""
    marks: list[Message] = []
    for number, kind in zip(range(times), list(kinds) * times, strict=False):
        mark = {"type": kind, "offset": number, "length": max(1, len(text) - 2 * number)}
        marks.append({**mark, **({"url": f"https://example.org/{MARK}"} if kind == "text_link" else {})})
    return marks


async def test_hundreds_of_marks_in_a_message_are_no_burden(sandbox: Sandbox, taras: Person) -> None:
    await taras.ask("/start")
    kinds = ("bold", "italic", "text_link", "mention", "bot_command", "url", "spoiler", "blockquote")
    group = sandbox.add_group("Newsroom", taras)
    sandbox.privacy = False
    for number, chat in enumerate((taras.chat, group)):
        text = "when is the next exchange? " * 150
        message = {
            "message_id": 700 + number,
            "from": taras.json,
            "chat": chat.json,
            "date": sandbox.now(),
            "text": text,
            "entities": nested(text, kinds, 800),
        }
        sandbox.mailbox.put_raw({"message": message})
    answer = await taras.chat.next_message(lambda message: "exchange" in message["text"])
    assert MARK not in json.dumps(answer)
    assert (await taras.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])


@pytest.mark.parametrize(
    "text",
    [
        f"<b>{MARK}</b>",
        f"when is the next exchange? <a href='https://example.org/{MARK}'>here</a>",
        f"what did {MARK} say",
        f"what did <i>{MARK}</i> say about the exchange",
        f"/{MARK}",
        f"/next {MARK}",
        f"/statement <b>{MARK}</b>",
        f"/start {MARK}",
        f"my son {MARK.title()} is missing, where is he",
        f"exchange of {MARK} 2025",
        f"%(name)s {{0}} {MARK}",
    ],
)
async def test_what_people_write_is_repeated_nowhere(taras: Person, text: str) -> None:
    assert MARK not in json.dumps(await taras.ask(text)).lower()


async def test_what_is_forwarded_is_a_question_like_any_other_and_its_pictures_are_not_fetched(
    sandbox: Sandbox, taras: Person
) -> None:
    origin = {"type": "hidden_user", "sender_user_name": f"<b>{MARK}</b>", "date": sandbox.now()}
    await taras.ask("/start")
    for content in (
        {"text": f"URGENT! Forward to everybody! https://example.org/{MARK}"},
        {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}], "caption": MARK},
    ):
        head = {"message_id": 800, "from": taras.json, "chat": taras.chat.json, "date": sandbox.now()}
        taras.chat.forget()
        sandbox.mailbox.put_raw({"message": {**head, "forward_origin": origin, **content}})
        assert MARK not in json.dumps(await taras.chat.next_message())
    assert sandbox.call_counts["getFile"] == 0


# What staff write


@pytest.fixture
async def marko(sandbox: Sandbox, services: Services) -> Colleague:
    return await hired(services, sandbox.add_person("Marko", "en"), Role.WRITER)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<a href="https://example.org">https://mod.gov.ua</a>', "HTML tags"),
        ("The exchange \u202eis tomorrow", "cannot be seen"),
        ("The ex\u200bchange is agreed", "cannot be seen"),
        ("More: https://mod.gov.ua@example.org", "elsewhere"),
    ],
)
async def test_p32_a_post_that_deceives_is_held_and_the_writer_told_why(
    marko: Colleague, text: str, why: str
) -> None:
    draft = await part(marko, await written(marko), "English", text)
    held = await marko.press(draft, "Submit for review")
    assert "It is held" in held["text"]
    assert why in held["text"]


async def test_tags_of_staff_are_shown_as_they_are_written(marko: Colleague) -> None:
    tag = '<a href="https://example.org">&lt;b&gt; https://mod.gov.ua</a>'
    draft = await part(marko, await written(marko), "English", tag)
    assert tag in draft["text"]
    marko.person.press(draft, "Preview")
    shown = await marko.person.chat.next_message(lambda message: tag in message["text"])
    addresses = [mark["url"] for mark in shown["entities"] if mark["type"] == "text_link"]
    assert addresses == ["https://example.org/news"]
    assert labels(draft)

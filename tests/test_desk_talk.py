"""The desk as staff meet it: four people in Telegram, from the invitation to a correction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from bot.database import Database
from bot.delivery.bodies import BAR
from bot.desk import audit, staff
from bot.i18n import today_in_kyiv
from bot.sandbox import Person, Sandbox
from handlers.context import Services
from models.desk import Role
from tests.readers import release

Message = dict[str, Any]


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


def data_of(message: Message, label: str) -> str:
    keys = (button for row in message["reply_markup"]["inline_keyboard"] for button in row)
    return str(next(button["callback_data"] for button in keys if button["text"] == label))


@dataclass
class Colleague:
    """A member of staff with an authenticator in the other hand."""

    person: Person
    secret: str
    steps: int = 0

    async def press(self, message: Message, label: str) -> Message:
        self.person.chat.forget()
        self.person.press(message, label)
        return await self.person.chat.next_message()

    async def ask(self, text: str) -> Message:
        return await self.person.ask(text)

    def code(self) -> str:
        """A fresh one each time: no code counts twice, but a clock may be a step ahead."""
        self.steps += 1
        return pyotp.TOTP(self.secret).at(int(datetime.now(UTC).timestamp()) + 30 * (self.steps - 1))


async def hired(services: Services, person: Person, role: Role) -> Colleague:
    async with services.database.write() as session:
        code = await staff.invite(session, staff.SERVER, role, person.first_name.lower())
    shown = await person.ask(f"/start desk-{code}")
    secret = next(word for word in shown["caption"].split() if len(word) == 32)
    colleague = Colleague(person, secret)
    welcome = await colleague.ask(colleague.code())
    assert "/desk" in welcome["text"]
    async with staff.acting_as(services.database, colleague.person.first_name.lower()) as (_, member):
        # As if a while ago: the current codes are not used yet.
        member.last_step, colleague.steps = 0, 0
    return colleague


@pytest.fixture
async def marko(sandbox: Sandbox, services: Services) -> Colleague:
    return await hired(services, sandbox.add_person("Marko", "en"), Role.WRITER)


@pytest.fixture
async def iryna(sandbox: Sandbox, services: Services) -> Colleague:
    return await hired(services, sandbox.add_person("Iryna", "en"), Role.REVIEWER)


async def test_an_invitation_accepted_at_another_bot(
    services: Services, taras: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has not told this one yet: six figures are a code, and of anybody else a question."""

    async def not_yet(_: Database) -> None:
        pass

    monkeypatch.setattr(services.staffroom, "refresh", not_yet)
    assert "did not understand" in (await taras.ask("123 456"))["text"]
    await hired(services, taras, Role.WRITER)
    assert not services.staffroom.may_hold(services.vault, taras.id)


async def part(writer: Colleague, draft: Message, label: str, *answers: str) -> Message:
    """Presses a part of the draft and answers what is asked; returns the draft as it then is."""
    shown = await writer.press(draft, label)
    for answer in answers:
        known = "reply_markup" in shown and answer in labels(shown)
        shown = await (writer.press(shown, answer) if known else writer.ask(answer))
    return shown


async def written(writer: Colleague) -> Message:
    desk = await writer.ask("/desk")
    draft = await writer.press(await writer.press(desk, "New post"), "Announcement")
    for language, text in (
        ("Українська", "Сторони домовилися про обмін."),
        ("English", "The sides have agreed on an exchange."),
        ("Русский", "Стороны договорились об обмене."),
    ):
        draft = await part(writer, draft, language, text)
    draft = await part(writer, draft, "Exchange", "A new one")
    draft = await part(writer, draft, "Stage", "agreed", "No day")
    return await part(writer, draft, "Source", "https://example.org/news Suspilne 22.11.2026")


async def test_a_post_from_the_first_word_to_its_release(
    services: Services, marko: Colleague, iryna: Colleague, taras: Person
) -> None:
    draft = await written(marko)
    assert "Suspilne" in draft["text"]
    assert "missing" not in draft["text"]
    iryna.person.chat.forget()
    assert "waits for review" in (await marko.press(draft, "Submit for review"))["text"]
    told = await iryna.person.chat.next_message()
    review = await iryna.press(told, "Open")
    assert "It goes to 0 readers" in review["text"]
    assert "authenticator" in (await iryna.press(review, "Approve now"))["text"]
    assert "Released" in (await iryna.ask(iryna.code()))["text"]
    answer = await taras.ask("/next")
    assert "An exchange is spoken of" in answer["text"]
    async with services.database.read() as session:
        assert (await audit.verify(session))[1] is None


async def test_the_writer_cannot_approve_even_as_a_reviewer(services: Services, iryna: Colleague) -> None:
    draft = await written(iryna)
    await iryna.press(draft, "Submit for review")
    waiting = await iryna.press(await iryna.ask("/desk"), "To review: 1")
    review = await iryna.press(waiting, labels(waiting)[0])
    await iryna.press(review, "Approve now")
    assert "somebody else" in (await iryna.ask(iryna.code()))["text"]


async def test_what_was_changed_after_it_was_shown_is_not_released(marko: Colleague, iryna: Colleague) -> None:
    draft = await written(marko)
    await marko.press(draft, "Submit for review")
    review = await iryna.press(await iryna.person.chat.next_message(), "Open")
    again = await iryna.press(review, "Take over")
    again = await part(iryna, again, "English", "Another text.")
    await iryna.press(again, "Submit for review")
    await iryna.press(review, "Approve now")
    refused = (await iryna.ask(iryna.code()))["text"]
    assert "changed" in refused or "somebody else" in refused


async def test_a_correction_shows_what_it_changes_and_mends_the_record(
    marko: Colleague, iryna: Colleague, taras: Person
) -> None:
    draft = await written(marko)
    await marko.press(draft, "Submit for review")
    review = await iryna.press(await iryna.person.chat.next_message(), "Open")
    await iryna.press(review, "Approve now")
    await iryna.ask(iryna.code())
    released = await marko.press(await marko.ask("/desk"), "Released")
    post = await marko.press(released, labels(released)[0])
    assert "Anybody can check it: /verify_" in post["text"]
    draft = await marko.press(post, "Correct")
    draft = await part(marko, draft, "Stage", "put off", "No day")
    draft = await part(marko, draft, "What changed and why", "English", "It was put off.")
    iryna.person.chat.forget()
    await marko.press(draft, "Submit for review")
    review = await iryna.press(await iryna.person.chat.next_message(), "Open")
    assert "What it changes of revision 1" in review["text"]
    assert any(entity["type"] == "strikethrough" for entity in review["entities"])
    await iryna.press(review, "Approve now")
    assert "Released" in (await iryna.ask(iryna.code()))["text"]
    assert "put off" in (await taras.ask("/next"))["text"]


async def test_to_everybody_else_there_is_no_desk(taras: Person, marko: Colleague) -> None:
    own = await taras.ask("/desk")
    assert own["text"].startswith("I do not know this command")
    forged = data_of(await written(marko), "Discard")
    taras.world.pressed(taras, taras.chat, own, forged)
    assert "earlier time" in (await taras.chat.next_callback_answer())["text"]
    assert "does not hold" in (await taras.ask("/start desk-" + "x" * 32))["text"]


async def test_where_readers_have_a_photograph_staff_see_what_becomes_of_it(
    services: Services, sandbox: Sandbox, marko: Colleague, iryna: Colleague
) -> None:
    photo = sandbox.person("Olena").attach("photo")["photo"][-1]["file_id"]
    await release(services.database, photo=photo)
    released = await marko.press(await marko.ask("/desk"), "Released")
    post = await marko.press(released, labels(released)[0])
    draft = await part(marko, await marko.press(post, "Correct"), "Photo", "Remove the photograph")
    assert "With a photograph" not in draft["text"]
    too_long = await part(marko, draft, "English", "x" * 800)
    assert "700 are allowed" in too_long["text"]
    draft = await marko.ask("Nobody may see it.")
    assert "can be replaced, but not removed" in (await marko.press(draft, "Preview"))["text"]
    shown = await marko.person.chat.next_message(lambda message: "photo" in message)
    stored = sandbox.files.get(shown["photo"][-1]["file_id"])
    assert stored
    assert stored.content == BAR
    assert "Виправлено." in shown["caption"]


async def test_nothing_typed_is_lost(marko: Colleague) -> None:
    desk = await marko.ask("/desk")
    draft = await marko.press(await marko.press(desk, "New post"), "Completed exchange")
    too_long = await part(marko, draft, "English", "x" * 1600)
    assert "1,600 characters" in too_long["text"]
    draft = await marko.ask("A shorter text")
    assert "A shorter text" in draft["text"]
    refused = await part(marko, draft, "Source", "no address at all")
    assert "no address" in refused["text"]
    draft = await marko.ask("https://example.org/a")
    assert "example.org" in draft["text"]
    draft = await part(marko, draft, "Exchange", "A new one")
    refused = await part(marko, draft, "Stage", "completed", "31.12.2099")
    assert "has not come yet" in refused["text"]
    drafts = await marko.press(await marko.ask("/desk"), "Drafts: 1")
    assert "A shorter text" in (await marko.press(drafts, labels(drafts)[0]))["text"]


async def test_one_freezes_and_two_thaw(
    services: Services, marko: Colleague, iryna: Colleague, sandbox: Sandbox
) -> None:
    oksana = await hired(services, sandbox.add_person("Oksana", "en"), Role.ADMIN)
    assert "frozen" in (await marko.ask("/freeze"))["text"]
    first = await iryna.press(await iryna.ask("/desk"), "Thaw")
    assert "second person" in first["text"]
    again = await iryna.press(await iryna.ask("/desk"), "Thaw")
    assert "asked for it already" in again["text"]
    assert "go on" in (await oksana.press(await oksana.ask("/desk"), "Thaw"))["text"]


async def test_who_has_left_is_refused_at_once(services: Services, marko: Colleague, sandbox: Sandbox) -> None:
    oksana = await hired(services, sandbox.add_person("Oksana", "en"), Role.ADMIN)
    draft = await written(marko)
    people = await oksana.press(await oksana.ask("/desk"), "Staff")
    assert "Ended: marko" in (await oksana.press(people, "End: marko"))["text"]
    marko.person.press(draft, "Submit for review")
    assert "earlier time" in (await marko.person.chat.next_callback_answer())["text"]
    assert (await marko.ask("/desk"))["text"].startswith("I do not know this command")


async def reviewed(writer: Colleague, reviewer: Colleague, draft: Message) -> Message:
    """Submits a draft; returns what the reviewer opens."""
    reviewer.person.chat.forget()
    await writer.press(draft, "Submit for review")
    return await reviewer.press(await reviewer.person.chat.next_message(), "Open")


async def test_what_may_harm_needs_a_second_look_and_a_third_person(
    services: Services, sandbox: Sandbox, marko: Colleague, iryna: Colleague
) -> None:
    oksana = await hired(services, sandbox.add_person("Oksana", "en"), Role.REVIEWER)
    draft = await part(marko, await written(marko), "English", "Donate to card 4111 1111 1111 1111.")
    review = await reviewed(marko, iryna, draft)
    assert "bank card" in review["text"]
    oksana.person.chat.forget()
    assert "third person" in (await iryna.press(review, "I have looked: it may go on"))["text"]
    review = await oksana.press(await oksana.person.chat.next_message(), "Open")
    await oksana.press(review, "Approve now")
    assert "Released" in (await oksana.ask(oksana.code()))["text"]


async def test_a_release_waits_for_its_time_and_can_be_stopped(marko: Colleague, iryna: Colleague) -> None:
    review = await reviewed(marko, iryna, await written(marko))
    await iryna.press(review, "Approve for later")
    assert "could not read" in (await iryna.ask("soon"))["text"]
    assert "authenticator" in (await iryna.ask("31.12.2099 18:30"))["text"]
    assert "It goes out: 31 December 2099, 18:30" in (await iryna.ask(iryna.code()))["text"]
    waiting = await marko.press(await marko.ask("/desk"), "Scheduled: 1")
    post = await marko.press(waiting, labels(waiting)[0])
    assert "waits for review" in (await marko.press(post, "Do not release it then"))["text"]


async def test_a_card_is_changed_by_two_people(marko: Colleague, iryna: Colleague, taras: Person) -> None:
    desk = await marko.ask("/desk")
    assert "These cards are old" in desk["text"]
    cards = await marko.press(desk, "Guidance cards")
    draft = await marko.press(cards, next(label for label in labels(cards) if label.startswith("scam")))
    draft = await part(marko, draft, "Text of the card", "English", "Never pay anybody.")
    draft = await part(marko, draft, "Checked today")
    review = await reviewed(marko, iryna, draft)
    await iryna.press(review, "Approve now")
    assert "Released" in (await iryna.ask(iryna.code()))["text"]
    assert (await taras.ask("/scam"))["text"].startswith("Never pay anybody.")


async def test_a_row_of_the_record_is_mended_by_hand(marko: Colleague, iryna: Colleague, taras: Person) -> None:
    await marko.press(await marko.ask("/desk"), "Rows of the record")
    assert "no exchange with the key nowhere" in (await marko.ask("exchange nowhere"))["text"]
    drafts = await marko.press(await marko.ask("/desk"), "Drafts: 1")
    draft = await marko.press(drafts, labels(drafts)[0])
    await marko.press(draft, "Rows of the record")
    shown = (await marko.ask("term the-kyiv-independent"))["text"]
    row = shown[shown.index("{") :].replace("The Kyiv Independent", "The Kyiv Independent daily")
    draft = await marko.ask(row)
    assert "term the-kyiv-independent" in draft["text"]
    draft = await part(marko, draft, "Source", "https://example.org/name")
    review = await reviewed(marko, iryna, draft)
    await iryna.press(review, "Approve now")
    assert "Released" in (await iryna.ask(iryna.code()))["text"]
    assert "The Kyiv Independent daily" in (await taras.ask("/next"))["text"]


async def test_questions_without_an_answer_are_counted_and_nothing_else(
    services: Services, marko: Colleague, taras: Person
) -> None:
    await taras.ask("qwertyuiop asdfgh")
    await services.unanswered.write(services.database, today_in_kyiv())
    shown = await marko.press(await marko.ask("/desk"), "Unanswered")
    assert "unknown" in shown["text"]
    assert "qwerty" not in shown["text"]

"""The chat page in a real browser: what a person sees and presses reaches the bot, and comes back."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from bot.sandbox import Sandbox
from bot.sandbox.arguments import Arguments

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE, DESKTOP = (390, 844), (1280, 800)

expect.set_options(timeout=20_000)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="the page's tests need chromium"),
    # The browser is started once for all of them, so that they share its loop.
    pytest.mark.asyncio(loop_scope="module"),
]


class EchoBot:
    """The smallest bot with a button, an answer to it, and a reply keyboard."""

    def __init__(self, sandbox: Sandbox, session: ClientSession) -> None:
        self._url = f"{sandbox.url}/bot{sandbox.token}"
        self._session = session

    async def run(self) -> None:
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=50):
                offset = update["update_id"] + 1
                if query := update.get("callback_query"):
                    await self._pressed(query)
                elif message := update.get("message") or update.get("edited_message"):
                    await self._heard(message)

    async def call(self, method: str, **arguments: object) -> Any:  # noqa: ANN401 - any JSON value
        async with self._session.post(f"{self._url}/{method}", json=arguments) as response:
            return (await response.json())["result"]

    async def _pressed(self, query: dict[str, Any]) -> None:
        message = query["message"]
        alert = query["data"] == "alert"
        await self.call("answerCallbackQuery", callback_query_id=query["id"], text="Noted", show_alert=alert)
        place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
        await self.call("editMessageText", **place, text=f"You chose {query['data']}")

    async def _heard(self, message: dict[str, Any]) -> None:
        chat_id, text = message["chat"]["id"], message.get("text", "")
        if photo := message.get("photo"):
            await self.call("sendPhoto", chat_id=chat_id, photo=photo[-1]["file_id"], caption="Your photo")
        elif text == "/start":
            keys = [[{"text": "Toast", "callback_data": "toast"}, {"text": "Alert", "callback_data": "alert"}]]
            await self.call(
                "sendMessage",
                chat_id=chat_id,
                text='<b>Welcome</b>, <a href="https://example.org">read this</a> &lt;img src=x&gt;',
                parse_mode="HTML",
                reply_markup={"inline_keyboard": keys},
            )
        else:
            markup = {"keyboard": [["Yes", "No"]]} if text == "keys" else None
            edited = "edited" if "edit_date" in message else "new"
            await self.call("sendMessage", chat_id=chat_id, text=f"{edited}: {text}", reply_markup=markup)


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running, ClientSession() as session:
        echo = EchoBot(running, session)
        commands = [{"command": "start", "description": "Begin"}]
        await echo.call("setMyCommands", commands=commands)
        await echo.call("setMyDescription", description="An echo")
        task = asyncio.create_task(echo.run())
        yield running
        task.cancel()
        await asyncio.wait({task})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module", params=[PHONE, DESKTOP], ids=["phone", "desktop"])
async def page(browser: Browser, sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    width, height = request.param
    problems: list[str] = []
    opened = await browser.new_page(viewport={"width": width, "height": height}, locale="en-GB")
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await opened.goto(sandbox.url)
    await expect(opened.get_by_test_id("bot-name")).to_have_text("Obmin")
    yield opened
    # With all that it has stored.
    await opened.close()
    assert problems == []


async def test_start_press_and_edit(page: Page) -> None:
    await expect(page.get_by_test_id("welcome")).to_contain_text("An echo")
    await page.get_by_test_id("start").click()
    welcome = page.get_by_test_id("bot-message").first
    await expect(welcome.locator("strong")).to_have_text("Welcome")
    await expect(welcome.get_by_role("link")).to_have_attribute("href", "https://example.org/")
    await expect(welcome.get_by_test_id("message-text")).to_contain_text("<img src=x>")
    await page.get_by_role("button", name="Toast").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Noted")
    await expect(welcome.get_by_test_id("message-text")).to_have_text("You chose toast")
    await expect(welcome.get_by_test_id("edited")).to_be_visible()


async def test_an_alert_waits_to_be_closed(page: Page) -> None:
    await page.get_by_test_id("start").click()
    await page.get_by_role("button", name="Alert").click()
    await expect(page.get_by_test_id("alert")).to_contain_text("Noted")
    await page.get_by_test_id("alert-ok").click()
    await expect(page.get_by_test_id("alert")).to_be_hidden()


async def test_typing_new_lines_and_editing(page: Page) -> None:
    await page.get_by_test_id("start").click()
    text = page.get_by_test_id("text")
    await text.fill("one")
    await text.press("Shift+Enter")
    await text.press_sequentially("two")
    await text.press("Enter")
    answers = page.get_by_test_id("bot-message")
    await expect(answers.last).to_contain_text("new: one\ntwo")
    await page.get_by_test_id("edit").click()
    await text.fill("three")
    await text.press("Enter")
    await expect(answers.last).to_contain_text("edited: three")
    await expect(page.get_by_test_id("own-message").last).to_contain_text("three")


async def test_reply_keyboard_and_commands(page: Page) -> None:
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("text").fill("keys")
    await page.get_by_test_id("send").click()
    await page.get_by_test_id("reply-keyboard").get_by_role("button", name="Yes").click()
    await expect(page.get_by_test_id("bot-message").last).to_contain_text("new: Yes")
    await page.get_by_test_id("commands").click()
    await page.get_by_test_id("menu").get_by_role("button", name="Begin").click()
    await expect(page.get_by_test_id("own-message").last).to_contain_text("/start")


async def test_a_photo_comes_into_a_text_and_another_takes_its_place(page: Page, sandbox: Sandbox) -> None:
    await page.get_by_test_id("start").click()
    olena = sandbox.person("Olena")
    sent = (await olena.chat.next_message())["message_id"]
    message = page.locator(f'[data-message-id="{sent}"]')
    for name in ("one.png", "two.png"):
        file_id = sandbox.person("Marko").attach("photo", name=name)["photo"][-1]["file_id"]
        media = {"type": "photo", "media": file_id, "caption": name}
        place = {"chat_id": olena.id, "message_id": sent}
        sandbox._api.execute("editMessageMedia", Arguments({**place, "media": media}))
        shown = message.get_by_role("img", name=name)
        await expect(shown).to_have_attribute("src", f"/control/files/{file_id}")
        await expect(message.get_by_role("img")).to_have_count(1)
        await expect(message.get_by_test_id("message-text")).to_have_text(name)


async def test_photo_and_voice(page: Page, sandbox: Sandbox) -> None:
    await page.get_by_test_id("start").click()
    taras = sandbox.person("Taras")
    sent = taras.attach("photo")
    stored = sandbox.files.get(sent["photo"][-1]["file_id"])
    assert stored
    photo = FilePayload(name="photo.png", mimeType="image/png", buffer=stored.content)
    await page.get_by_test_id("photo-file").set_input_files(photo)
    await expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    await page.get_by_test_id("voice").click()
    link = page.get_by_test_id("own-message").last.get_by_role("link")
    await expect(link).to_be_visible()
    (spoken,) = [each for each in sandbox.person("Olena").chat.messages.values() if "voice" in each]
    await expect(link).to_have_attribute("href", "/control/files/" + str(spoken["voice"]["file_id"]))


async def test_another_person_and_unread(page: Page, sandbox: Sandbox) -> None:
    sandbox.person("Taras").say("hello")
    taras = page.get_by_test_id("person-Taras")
    await expect(taras.get_by_test_id("unread")).to_have_text("1")
    await taras.click()
    await expect(taras.get_by_test_id("unread")).to_have_count(0)
    await expect(page.get_by_test_id("bot-message")).to_contain_text("new: hello")


async def test_blocking(page: Page, sandbox: Sandbox) -> None:
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    assert sandbox.person("Olena").chat.blocked
    await page.get_by_test_id("start").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_faults_and_language(page: Page, sandbox: Sandbox) -> None:
    await page.get_by_test_id("faults-open").click()
    await page.get_by_test_id("faults").locator("[name=drop]").fill("25")
    async with page.expect_response("**/control/faults"):
        await page.get_by_test_id("faults-apply").click()
    assert sandbox.faults.settings["drop"]["share"] == 0.25
    await page.get_by_test_id("language").select_option("uk")
    await expect(page.locator("html")).to_have_attribute("lang", "uk")

"""The pictures of the guides in docs/: `make pictures` plays each scene on the real bot and photographs the page.

A scene may lie on another day: then the bot is told that this is today, and answers with what was known.
"""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import time_machine
from playwright.async_api import Browser, Page, async_playwright

from bot.i18n import KYIV
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from models.desk import Role
from tests.conftest import talking
from tests.test_desk_talk import Colleague, hired, labels, part, reviewed, written
from tests.test_sandbox_page import ARGUMENTS, CHROMIUM, PHONE

FOLDER = Path("docs/pictures")
Light = Literal["light", "dark"]
NIGHT: Light = "dark"


@dataclass(frozen=True)
class Scene:
    name: str
    steps: tuple[str, ...]
    """What is written; "[label]" presses the newest button of that label, "(block)" blocks and comes back."""
    today: date | None = None
    light: Light = "light"


SCENES = (
    Scene("first-visit", ("/start", "[Українська]", "Наступний обмін"), light=NIGHT),
    Scene("exchange-today", ("[Українська]", "сьогодні був обмін?"), date(2025, 5, 24)),
    Scene("put-off", ("[Українська]", "обмін перенесли?"), date(2025, 6, 8)),
    Scene(
        "scammer",
        ("[Українська]", "подзвонив якийсь полковник, каже за 2000 доларів внесе сина в список"),
        light=NIGHT,
    ),
    Scene("a-name", ("[Русский]", "Есть ли Остап Гнатюк в списках на обмен?")),
    Scene(
        "language-switched", ("[Українська]", "скільки людей повернули?", "switch to English please", "[English]")
    ),
    Scene("leaving", ("[English]", "/privacy", "/forget")),
    Scene("back-again", ("[English]", "(block)", "was there an exchange while I was away?")),
    Scene("despair", ("[Українська]", "я більше не можу, не хочу жити без нього"), light=NIGHT),
)


def on_a_day(today: date | None) -> AbstractContextManager[object]:
    if today is None:
        return nullcontext()
    return time_machine.travel(datetime.combine(today, time(12), KYIV))


async def play(browser: Browser, scene: Scene) -> None:
    with TemporaryDirectory() as folder, on_a_day(scene.today):
        async with (
            ready_database(f"sqlite+aiosqlite:///{folder}/obmin.db") as database,
            Sandbox() as sandbox,
            talking(database, sandbox),
        ):
            language = "uk-UA" if "Укр" in scene.steps[0] + scene.steps[1] else "en-GB"
            page = await browser.new_page(
                viewport={"width": PHONE[0], "height": PHONE[1]},
                color_scheme=scene.light,
                locale=language,
            )
            await page.goto(sandbox.url)
            steps = scene.steps if scene.steps[0] == "/start" else ("/start", *scene.steps)
            for step in steps:
                await perform(page, step)
            await page.wait_for_timeout(300)
            await page.screenshot(path=FOLDER / f"{scene.name}.png")
            await page.close()


async def perform(page: Page, step: str) -> None:
    replies = page.get_by_test_id("bot-message")
    before = await replies.count()
    if step == "(block)":
        await page.get_by_test_id("block").click()
        await page.get_by_test_id("start").click()
        return
    if step == "/start":
        await page.get_by_test_id("start").click()
    elif step.startswith("["):
        await page.get_by_role("button", name=step.strip("[]"), exact=True).last.click()
    else:
        await page.get_by_test_id("text").fill(step)
        await page.get_by_test_id("send").click()
    await replies.nth(before).wait_for()


async def play_the_desk(browser: Browser) -> None:
    """A draft as its writer sees it, and a correction as its reviewer does."""
    with TemporaryDirectory() as folder:
        async with (
            ready_database(f"sqlite+aiosqlite:///{folder}/obmin.db") as database,
            Sandbox() as sandbox,
            talking(database, sandbox) as services,
        ):
            marko = await hired(services, sandbox.add_person("Marko (desk)", "en"), Role.WRITER)
            iryna = await hired(services, sandbox.add_person("Iryna (desk)", "en"), Role.REVIEWER)
            olena = sandbox.person("Olena")
            olena.press(await olena.ask("/start"), "Українська")
            await olena.chat.next_message()
            olena.press(await olena.ask("/updates"), "Усі новини")
            draft = await written(marko)
            await photograph(browser, sandbox, marko, "desk-draft")
            await iryna.press(await reviewed(marko, iryna, draft), "Approve now")
            await iryna.ask(iryna.code())
            await olena.chat.next_message()
            released = await marko.press(await marko.ask("/desk"), "Released")
            draft = await marko.press(await marko.press(released, labels(released)[0]), "Correct")
            draft = await part(marko, draft, "English", "The sides have agreed on an exchange, and put it off.")
            draft = await part(marko, draft, "Українська", "Сторони домовилися про обмін і відклали його.")
            draft = await part(marko, draft, "Stage", "put off", "No day")
            draft = await part(marko, draft, "What changed and why", "English", "It was put off on the same day.")
            draft = await part(marko, draft, "What changed and why", "Українська", "Того ж дня обмін відклали.")
            review = await reviewed(marko, iryna, draft)
            await photograph(browser, sandbox, iryna, "desk-review")
            await iryna.press(review, "Approve now")
            olena.chat.forget()
            await iryna.ask(iryna.code())
            await olena.chat.next_message()
            await photograph(browser, sandbox, olena, "correction")


async def photograph(browser: Browser, sandbox: Sandbox, whose: Colleague | Person, name: str) -> None:
    person = whose.person if isinstance(whose, Colleague) else whose
    page = await browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB")
    await page.goto(sandbox.url)
    await page.get_by_test_id(f"person-{person.first_name}").click()
    await page.wait_for_timeout(300)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await page.close()


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scene in SCENES:
            await play(browser, scene)
            print(scene.name)
        await play_the_desk(browser)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())

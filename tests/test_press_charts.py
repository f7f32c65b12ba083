"""Charts: the right numbers, legible pictures, and everything in text as well."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.answers.facts import Record
from bot.answers.pages import visible, visible_length
from bot.i18n import LANGUAGES, Language
from bot.press import drawing, worded
from bot.press.charts import Charts
from bot.press.drawing import draw
from bot.press.pictures import Bars, Dots, Picture
from bot.press.worded import Chosen, Name
from bot.sandbox import Person, Sandbox
from bot.understanding import Period
from tests.chart_pictures import CHOSEN, FOLDER, YEAR, as_on_a_phone, drawn
from tests.situations import TODAY
from tests.test_conversation import data, labels

BLOCK = 20
"""Pixels: about a letter or two."""


def blocks(picture: Image.Image) -> Any:  # noqa: ANN401 - an array
    """How bright the picture is, block by block: what is left when the edges of letters may differ."""
    grey = np.asarray(picture.convert("L"), dtype=float)
    high, wide = (size // BLOCK * BLOCK for size in grey.shape)
    return grey[:high, :wide].reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK).mean(axis=(1, 3))


@pytest.mark.parametrize("name", CHOSEN)
def test_a_chart_looks_as_it_was_looked_at(record: Record, name: str) -> None:
    now = as_on_a_phone(draw(drawn(record, name).picture))
    then = Image.open(FOLDER / f"{name}.png")
    assert now.size == then.size
    assert np.abs(blocks(now) - blocks(then)).max() < 12


def test_a_wrong_picture_is_found(record: Record) -> None:
    right = drawn(record, "years-uk").picture
    assert isinstance(right.body, Bars)
    for number, row in enumerate(right.body.rows):
        rows = [*right.body.rows]
        rows[number] = replace(row, value=row.value // 2, unknown=not row.unknown)
        wrong = replace(right, body=replace(right.body, rows=tuple(rows)))
        difference = np.abs(blocks(as_on_a_phone(draw(wrong))) - blocks(Image.open(FOLDER / "years-uk.png")))
        assert difference.max() > 12


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [drawing.INK, drawing.FAINT, *drawing.COLOURS.values()])
def test_letters_and_marks_stand_out(colour: str) -> None:
    """The ground is the picture's own, so it is the same in a dark chat."""
    light, dark = sorted((brightness(drawing.GROUND), brightness(colour)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


# Numbers


def test_what_has_no_number_is_hatched_and_never_a_zero(record: Record) -> None:
    body = drawn(record, "months-uk").picture.body
    assert isinstance(body, Bars)
    may, june, september = body.rows[4], body.rows[5], body.rows[8]
    assert (may.value, may.unknown, may.text) == (1205, False, "1\u00a0205")
    assert (june.value, june.unknown, june.text) == (0, True, "?")
    assert (september.unknown, september.text) == (False, "немає в нашій базі")
    assert "Червень 2025\u202fр.: точного числа немає" in visible(drawn(record, "months-uk").caption).replace(
        "\u00a0", "\u202f"
    )


def test_the_years_of_the_bars_add_up_to_our_sum(record: Record) -> None:
    body = drawn(record, "years-uk").picture.body
    assert isinstance(body, Bars)
    by_year = {row.label: row.value for row in body.rows}
    assert sum(by_year.values()) == 6837
    assert "≠" in body.rows[2].text
    assert by_year["2025 *"] == 2289


def test_an_official_total_stands_beside_our_sum_of_its_day(record: Record) -> None:
    body = drawn(record, "official-en").picture.body
    assert isinstance(body, Bars)
    newest = body.rows[-1]
    assert (newest.inside, newest.text, newest.difference) == ("6,837", "8,050", 8050 - 6837)


def test_an_exchange_without_a_number_lies_below_the_zero(record: Record) -> None:
    body = drawn(record, "line-uk").picture.body
    assert isinstance(body, Dots)
    assert [point.day for point in body.points if point.unknown and not point.value] == [date(2025, 6, 9)]


def test_as_of_a_day_later_months_are_not_there(record: Record) -> None:
    found = drawn(record, "months-as-of-en")
    assert isinstance(found.picture.body, Bars)
    assert len(found.picture.body.rows) == 6
    assert "As of 30 June 2025" in visible(found.caption)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", Name)
def test_every_chart_has_its_numbers_as_text(record: Record, name: Name, language: Language) -> None:
    found = worded.chart(record, Chosen(name, language, YEAR if name is Name.MONTHS else None), TODAY)
    assert found is not None
    assert visible_length(found.caption) <= 1024
    text = "\n".join(visible(page) for page in found.numbers or (found.caption,))
    body = found.picture.body
    if isinstance(body, Bars):
        assert all(row.text.split(" +")[0].strip("≠ ") in text for row in body.rows if row.value)
    foreign = {"uk": "ыэъё", "en": "абвгдежзиї", "ru": "іїєґ"}[language]
    assert not set(str(found.picture).lower()) & set(foreign)


def test_a_time_without_exchanges_has_no_chart(record: Record) -> None:
    for year in (2013, 2021, 2030):
        period = Period(date(year, 1, 1), date(year, 12, 31))
        for name in (Name.MONTHS, Name.LINE, Name.SIDES):
            assert worded.chart(record, Chosen(name, "en", period), TODAY) is None


async def test_a_picture_is_drawn_once_for_all_who_ask(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Picture] = []

    def counted(picture: Picture) -> bytes:
        asked.append(picture)
        return b"png"

    monkeypatch.setattr(drawing, "draw", counted)
    charts, picture = Charts(), drawn(record, "years-uk").picture
    assert await asyncio.gather(*(charts.png(picture) for _ in range(20))) == [b"png"] * 20
    await charts.png(drawn(record, "sides-ru").picture)
    assert len(asked) == 2


# In a chat


async def chart(person: Person, text: str) -> dict[str, Any]:
    return await person.ask(text, within=30)


async def test_a_chart_is_chosen_by_buttons_and_told_in_words(sandbox: Sandbox, taras: Person) -> None:
    asked = await chart(taras, "/chart")
    assert labels(asked) == ["By year", "By month", "By side", "Time line", "Stages", "Official total"]
    taras.press(asked, "Time line")
    sent = await taras.chat.next_message(within=30)
    assert sent["caption"].startswith("65 exchanges on a time line")
    assert max(sent["photo"][0]["width"], sent["photo"][0]["height"]) <= 2560
    taras.press(sent, "The numbers in words")
    first = await taras.chat.next_message()
    assert "1 March 2022: 5 people." in first["text"]
    for message in (asked, sent):
        assert all(len(each.encode()) <= 64 for each in data(message))


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("/chart 2025", "People who came home to Ukraine, by month: 2025"),
        ("/chart май 2025", "Сколько людей вернулось в Украину, по месяцам: май 2025"),
        ("/chart за 2024 рік", "Скільки людей повернулося в Україну, за місяцями: 2024"),
    ],
)
async def test_a_chart_of_a_time(taras: Person, text: str, begins: str) -> None:
    assert (await chart(taras, text))["caption"].startswith(begins)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/chart 2021", "No exchange in our record, nothing to draw: 2021."),
        ("/chart 2041", "2041 is still to come"),
        ("/chart purple elephants", "I could not read a month or a year"),
        ("/chart 二〇二五", "I could not read a month or a year"),
    ],
)
async def test_what_cannot_be_drawn_is_said(taras: Person, text: str, says: str) -> None:
    said = await chart(taras, text)
    assert said["text"].startswith(says)
    assert "By year" in labels(said)


async def test_totals_and_history_lead_to_their_charts(taras: Person) -> None:
    for text, begins in (
        ("/totals", "People who came home to Ukraine, by year"),
        ("/history 2024", "11 exchanges on a time line"),
    ):
        answer = await taras.ask(text)
        taras.press(answer, "Chart")
        sent = await taras.chat.next_message(lambda message: "caption" in message, within=30)
        assert sent["caption"].startswith(begins)


@pytest.mark.parametrize(
    ("text", "years"), [("/chart 2022", ["2023"]), ("/chart 2024", ["2023", "2025"]), ("/chart 2026", ["2025"])]
)
async def test_the_years_beside_are_those_with_an_exchange(taras: Person, text: str, years: list[str]) -> None:
    assert [label for label in labels(await chart(taras, text)) if label.isdecimal()] == years


async def test_stages_lead_to_those_of_other_exchanges(taras: Person) -> None:
    taras.press(await chart(taras, "/chart"), "Stages")
    sent = await taras.chat.next_message(lambda message: "caption" in message, within=30)
    taras.press(sent, "23–25 May 2025")
    other = await taras.chat.next_message(within=30)
    assert other["caption"].startswith("What was said of the exchange of 23–25 May 2025")


async def test_a_forged_button_says_what_to_do(sandbox: Sandbox, taras: Person) -> None:
    message = await taras.ask("/chart")
    for forged in (
        "h:years:x:en",
        "h:cake::en",
        "h:months:202513-202599:en",
        "n:years::xx",
        "@!!!h:years::en",
        "h:",
    ):
        sandbox.pressed(taras, taras.chat, message, forged)
        said = await taras.chat.next_callback_answer()
        assert "send /help" in said["text"]


async def test_a_fault_of_ours_is_not_called_an_old_button(
    taras: Person, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    asked = await chart(taras, "/chart")
    monkeypatch.setattr(worded, "chart", broken)
    taras.press(asked, "By year")
    assert "cannot answer just now" in (await taras.chat.next_message())["text"]
    assert "an update failed" in capfd.readouterr().out


def test_reference_pictures_are_small() -> None:
    assert all(file.stat().st_size < 30_000 for file in Path(FOLDER).glob("*.png"))

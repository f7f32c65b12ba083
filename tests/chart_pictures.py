"""The charts whose pictures are compared: `python -m tests.chart_pictures` redraws them, to be looked at."""

import asyncio
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bot.answers.facts import Record
from bot.answers.load import load
from bot.opening import ready_database
from bot.press.drawing import draw
from bot.press.worded import Chart, Chosen, Name, chart
from bot.understanding import Period
from tests.situations import TODAY

FOLDER = Path(__file__).parent / "pictures"
PHONE = 360
"""Pixels: as wide as a phone shows it."""
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
CHOSEN = {
    "years-uk": Chosen(Name.YEARS, "uk"),
    "months-uk": Chosen(Name.MONTHS, "uk", YEAR),
    "months-as-of-en": Chosen(Name.MONTHS, "en", YEAR, as_of=date(2025, 6, 30)),
    "sides-ru": Chosen(Name.SIDES, "ru"),
    "line-uk": Chosen(Name.LINE, "uk"),
    "stages-ru": Chosen(Name.STAGES, "ru", exchange="2025-06-09"),
    "official-en": Chosen(Name.OFFICIAL, "en"),
}


def drawn(record: Record, name: str) -> Chart:
    found = chart(record, CHOSEN[name], TODAY)
    assert found is not None
    return found


def as_on_a_phone(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return picture.resize((PHONE, round(picture.height * PHONE / picture.width)), Image.Resampling.LANCZOS)


async def write() -> None:
    with TemporaryDirectory() as folder:
        async with ready_database(f"sqlite+aiosqlite:///{folder}/a.db") as database, database.read() as session:
            record = await load(session)
    FOLDER.mkdir(exist_ok=True)
    for name in CHOSEN:
        picture = as_on_a_phone(draw(drawn(record, name).picture))
        picture.quantize(64).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(write())

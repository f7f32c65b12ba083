"""Every string a person sees: there, whole, and right for every number, in all three languages."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from bot.i18n import LANGUAGES, LOCALES, Language, translator

NUMBERS = [0, 1, 2, 5, 11, 21, 101, 303, 390, 1138]
FOREIGN = {"uk": "ыэъёЫЭЪЁ", "ru": "іїєґІЇЄҐ", "en": "".join(map(chr, range(0x400, 0x530)))}
PLACEHOLDER = re.compile(r"%\((\w+)\)s|(%%)")
TAG = re.compile(r"</?\w+[^>]*>")


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "obmin.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update", LOCALES / "update.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_template_is_what_the_code_says(tool: ModuleType) -> None:
    with (LOCALES / "obmin.pot").open("rb") as source:
        kept = {message.id for message in read_po(source)}
    assert {message.id for message in tool.extracted()} == kept, "run: make messages"


def test_no_message_hides_inside_another_call(tool: ModuleType) -> None:
    """Babel does not look into the arguments of a message for a second one."""
    found = {message.id if isinstance(message.id, str) else message.id[0] for message in tool.extracted()}
    for room in ("bot", "handlers"):
        for file in (LOCALES.parent / room).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
                    message = call.args[0]
                    if call.func.attr in tool.KEYWORDS and isinstance(message, ast.Constant):
                        assert message.value in found, f"{file.name}:{call.lineno}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_message_and_no_other(tool: ModuleType, language: str) -> None:
    assert {message.id for message in catalogue(language)} == {message.id for message in tool.extracted()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_is_whole(language: str) -> None:
    for message in messages(language):
        assert not message.fuzzy, message.id
        one, many = (message.id, message.id) if isinstance(message.id, str) else message.id
        expected = (2 if language == "en" else 3) if one != many else 1
        assert len(forms(message)) == expected, one
        for form in forms(message):
            assert form.strip(), one
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(many)), one
            assert sorted(TAG.findall(form)) == sorted(TAG.findall(many)), one
            assert not set(form) & set(FOREIGN[language]), one
            assert "!" not in form, one
            assert "%" not in PLACEHOLDER.sub("", form), one


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_fits_every_number(language: Language) -> None:
    tr = translator(language)
    for message in messages(language):
        names = {name for name, _ in PLACEHOLDER.findall(str(message.id)) if name}
        values = dict.fromkeys(names - {"n"}, "x")
        for n in NUMBERS:
            if isinstance(message.id, str):
                text = tr.gettext(message.id, n=n, **values)
            else:
                one, many = message.id
                text = tr.ngettext(one, many, n, **values)
            assert "%(" not in text, message.id
            assert len(text) < 1500, message.id


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("uk", ["1 особа", "2 особи", "5 осіб", "11 осіб", "21 особа", "101 особа", "303 особи"]),
        (
            "ru",
            ["1 человек", "2 человека", "5 человек", "11 человек", "21 человек", "101 человек", "303 человека"],
        ),
        ("en", ["1 person", "2 people", "5 people", "11 people", "21 people", "101 people", "303 people"]),
    ],
)
def test_people_are_counted_as_the_language_counts(language: Language, expected: list[str]) -> None:
    tr = translator(language)
    assert [tr.ngettext("%(n)s person", "%(n)s people", n) for n in (1, 2, 5, 11, 21, 101, 303)] == expected


CALL = re.compile(r"(?:gettext|html)\(\s*f[\"']")


@pytest.mark.parametrize("room", ["bot", "handlers"])
def test_no_message_is_put_together_in_the_code(room: str) -> None:
    for file in (Path(__file__).parent.parent / room).rglob("*.py"):
        assert not CALL.search(file.read_text()), file

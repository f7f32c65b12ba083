"""A look before harm: what in a post could endanger a captive or rob a family. It stops a text; people decide."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache

from bot.i18n import LANGUAGES
from bot.understanding.lexicon import phrases


class Harm(StrEnum):
    NAME = "a name"
    UNIT_WITH_DATE = "a unit with a date"
    CARD = "a bank card"
    PAYMENT = "a payment link"
    PHOTO = "a photograph"


_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_IBAN = re.compile(r"\bUA\d{2}(?: ?\d){25}\b", re.IGNORECASE)
_PAYMENT = re.compile(
    r"monobank|privat24|liqpay|wayforpay|fondy|paypal|patreon|buymeacoffee|donat|t\.me/\S*pay|easypay|portmone"
    r"|send\.mono|next\.privat|\b(?:btc|usdt|eth)\b|\b0x[0-9a-f]{40}\b|\b(?:bc1|[13])[a-z0-9]{25,59}\b",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[A-ZА-ЯІЇЄҐЁ][a-zа-яіїєґё'’ʼ-]+")
_WORD_OR_MARK = re.compile(r"[^\W\d_][\w'’ʼ-]*|[^\w\s]")
_UNIT = re.compile(
    r"\b\d{1,3}[-\s]?(?:ї|а|я|й|та|th|st|nd|rd)?[\s.]*(?:\w+\s){0,3}"
    r"(?:бригад|батальй|батальо|полк|рот[аиуі]\b|дивізі|дивизи|взвод|обр\b|омбр|brigade|battalion|regiment|division)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\b|\b\d{1,2}(?:-?го|st|nd|rd|th)?\s+[^\W\d_]{3,}|\b20\d\d\b"
)


def find(texts: Iterable[str], photo: bool, known: Sequence[str]) -> tuple[Harm, ...]:
    """`known` are names that may stand: of people in office, institutions, places."""
    harms = {harm for text in texts for harm in _in(text, known)}
    if photo:
        harms.add(Harm.PHOTO)
    return tuple(harm for harm in Harm if harm in harms)


def _in(text: str, known: Sequence[str]) -> Iterator[Harm]:
    if any(_passes_luhn(match[0]) for match in _CARD.finditer(text)) or _IBAN.search(text):
        yield Harm.CARD
    if _PAYMENT.search(text):
        yield Harm.PAYMENT
    if _UNIT.search(text) and _DATE.search(text):
        yield Harm.UNIT_WITH_DATE
    if _names_somebody(text, known):
        yield Harm.NAME


def _passes_luhn(number: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in number if digit.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _names_somebody(text: str, known: Sequence[str]) -> bool:
    """Two or more capitalised words side by side, one of which is a usual name or ends like one."""
    for name in known:
        text = text.replace(name, " ")
    looks_like_name = _name_pattern()
    run: list[str] = []
    for word in (*_WORD_OR_MARK.findall(text), "."):
        if _CAPITALISED.fullmatch(word):
            run.append(word)
            continue
        if len(run) >= 2 and any(looks_like_name.match(part) for part in run):
            return True
        run = []
    return False


@cache
def _name_pattern() -> re.Pattern[str]:
    """By their beginnings, because names bend: «Олену Коваленко», «Остапові»."""
    lists = [phrases(language)["names"] for language in LANGUAGES]
    usual = {_stem(name) for names in lists for name in (*names["first"], *names["last"])}
    endings = {ending for names in lists for ending in names["endings"]}
    return re.compile(rf"(?:{'|'.join(sorted(usual))})|.+(?:{'|'.join(sorted(endings))})\w{{0,3}}$", re.IGNORECASE)


def _stem(name: str) -> str:
    return name.rstrip("аяоийіьeaoy") if len(name) > 4 else name

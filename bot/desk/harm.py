"""A look before harm: what in a post could endanger a captive or rob a family. It stops a text; people decide."""

import re
import unicodedata
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
    HIDDEN = "a hidden character"
    MARKUP = "an HTML tag"
    DISGUISE = "a disguised link"


_NUMBERS = re.compile(r"\d+(?:[\s-]\d+)*")
_CARD_DIGITS = range(13, 20)
_CARD_PRINTED = 16
_IBAN = re.compile(r"\bUA\d{2}(?: ?\d){25}\b", re.IGNORECASE)
_PAYMENT = re.compile(
    r"monobank|privat24|liqpay|wayforpay|fondy|paypal|patreon|buymeacoffee|donat|t\.me/\S*pay|easypay|portmone"
    r"|send\.mono|next\.privat|\b(?:btc|usdt|eth)\b|\b0x[0-9a-f]{40}\b|\b(?:bc1|[13])[a-z0-9]{25,59}\b",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[A-ZА-ЯІЇЄҐЁ][\w'’ʼ-]{2,}")
_INITIAL = re.compile(r"[A-ZА-ЯІЇЄҐЁ]")
_WORD_OR_MARK = re.compile(r"[^\W\d_][\w'’ʼ-]*|[^\w\s]")
_UNIT = re.compile(
    r"\b\d{1,3}[-\s]?(?:ї|а|я|й|та|th|st|nd|rd)?[\s.]*(?:\w+\s){0,3}"
    r"(?:бригад|батальй|батальо|полк|рот[аиуі]\b|дивізі|дивизи|взвод|обр\b|омбр|brigade|battalion|regiment|division)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\b|\b\d{1,2}(?:-?го|st|nd|rd|th)?\s+[^\W\d_]{3,}|\b20\d\d\b"
)
_NOT_SEEN = frozenset({"Cc", "Cf"})
"""Control and format characters: of no width, or turning the direction of what follows."""
_BLANK = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""
_WITHIN_EMOJI = re.compile("\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_SITE = re.compile(r"(?:[\w-]+\.)+(?:[a-z]{2,}|укр|рф)\b", re.IGNORECASE)


def find(
    texts: Iterable[str], photo: bool, known: Sequence[str], links: Iterable[tuple[str, str]] = ()
) -> tuple[Harm, ...]:
    """`known` are names that may stand: of people in office, institutions, places. `links` are addresses, each
    with the words that are shown for it."""
    harms = {harm for text in texts for harm in _in(text, known)}
    if any(_leads_elsewhere(address, shown) for address, shown in links):
        harms.add(Harm.DISGUISE)
    if photo:
        harms.add(Harm.PHOTO)
    return tuple(harm for harm in Harm if harm in harms)


def _in(text: str, known: Sequence[str]) -> Iterator[Harm]:
    if any(map(_is_hidden, _WITHIN_EMOJI.sub("", text))):
        yield Harm.HIDDEN
    text = _seen(text)
    if _TAG.search(text):
        yield Harm.MARKUP
    if any(map(_is_disguised, _ADDRESS.findall(text))):
        yield Harm.DISGUISE
    if any(map(_is_card, _NUMBERS.findall(text))) or _IBAN.search(text):
        yield Harm.CARD
    if _PAYMENT.search(text):
        yield Harm.PAYMENT
    if _UNIT.search(text) and _DATE.search(text):
        yield Harm.UNIT_WITH_DATE
    if _names_somebody(text, known):
        yield Harm.NAME


def _is_hidden(character: str) -> bool:
    return (unicodedata.category(character) in _NOT_SEEN and character not in "\n\t") or character in _BLANK


def _seen(text: str) -> str:
    """As a reader sees it: without invisible characters and stress marks, letters of odd shapes made plain."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(each for each in plain if not (_is_hidden(each) or unicodedata.category(each) == "Mn"))


def _is_disguised(address: str) -> bool:
    """«https://mod.gov.ua@example.org» leads to example.org, and a «о» among Latin letters is another letter."""
    site = address.partition("//")[2]
    return "@" in site or (not site.isascii() and re.search("[a-z]", site, re.IGNORECASE) is not None)


def _leads_elsewhere(address: str, shown: str) -> bool:
    """The words name a site, and the address is not of that one."""
    site = "." + address.split("/")[2].partition(":")[0].lower().removeprefix("www.")
    named = ("." + each.lower() for each in _SITE.findall(_seen(shown)))
    return not all(each.endswith(site) or site.endswith(each) for each in named)


def _is_card(numbers: str) -> bool:
    """Alone, or with what is printed beside it: the expiry date."""
    groups = re.split(r"[\s-]", numbers)
    beginnings = ("".join(groups[first:]) for first in range(len(groups)))
    return any(
        (len(digits) in _CARD_DIGITS and _passes_luhn(digits))
        or (len(digits) > _CARD_PRINTED and _passes_luhn(digits[:_CARD_PRINTED]))
        for digits in beginnings
    )


def _passes_luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    figures = [int(digit) for digit in reversed(digits)]
    doubled = (sum(divmod(2 * figure, 10)) for figure in figures[1::2])
    return (sum(figures[::2]) + sum(doubled)) % 10 == 0


def _names_somebody(text: str, known: Sequence[str]) -> bool:
    """Capitalised words side by side, or one and an initial; one of them is a usual name or ends like one."""
    for name in (*known, *_institutions()):
        text = _bent(name).sub(" ", text)
    looks_like_name = _name_pattern()
    run: list[str] = []
    for word in (*_WORD_OR_MARK.findall(text), "."):
        if _CAPITALISED.fullmatch(word) or (run and _INITIAL.fullmatch(word)):
            run.append(word)
            continue
        if len(run) >= 2 and any(looks_like_name.match(part) for part in run):
            return True
        run = []
    return False


@cache
def _bent(name: str) -> re.Pattern[str]:
    """The name in any grammatical case, as a whole: «Рустема Умєрова»."""
    words = (re.escape(_stem(word)) + r"\w{0,3}" for word in name.split())
    return re.compile(r"\b" + r"\s+".join(words) + r"\b")


@cache
def _institutions() -> tuple[str, ...]:
    return tuple(name for language in LANGUAGES for name in phrases(language)["names"]["institutions"])


@cache
def _name_pattern() -> re.Pattern[str]:
    """By their beginnings, because names bend: «Олену Коваленко», «Остапові»."""
    lists = [phrases(language)["names"] for language in LANGUAGES]
    usual = {_stem(name) for names in lists for name in (*names["first"], *names["last"])}
    endings = {ending for names in lists for ending in names["endings"]}
    return re.compile(
        rf"(?:(?:{'|'.join(sorted(usual))})|.+(?:{'|'.join(sorted(endings))}))\w{{0,3}}$", re.IGNORECASE
    )


def _stem(name: str) -> str:
    return name[:-1] if len(name) > 4 and name[-1] in "аяоийіьeaoy" else name

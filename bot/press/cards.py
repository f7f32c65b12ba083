"""A citation card in words: what is cited, through whom it reached us, how to cite it, what was revised since."""

from datetime import date

from markupsafe import Markup

from bot.answers.facts import Cited, Claim, Exchange, Record
from bot.answers.pages import lay_out, visible
from bot.answers.parts import LINE, SPACE, Blocks, Parts
from bot.desk import harm
from bot.i18n import Language, Translator, translator
from bot.press.citation import Card, Citation, Found, find
from bot.press.refs import Kind, Ref
from models.base import Wording

SHORT = 300
"""Characters of a wording in a citation line; the card above it has the whole."""
LABEL = 48
"""Characters on a button."""


def pages(card: Card, bot: str, language: Language) -> tuple[Markup, ...]:
    """Messages of the card; `bot` is the bot's name on Telegram, for the link."""
    parts = Parts(translator(language))
    tr = parts.tr
    if card.now is None:
        return lay_out([_taken_back(card, parts), *_old(card, parts)], _reach(tr, card.cited))
    if card.changed_at is None:
        return lay_out(_in_full(card.cited, card.now, bot, parts), _reach(tr, card.cited))
    newest = Citation(card.cited.ref, card.newest, card.cited.day)
    lines = [
        tr.html(
            "<b>Revised since it was cited.</b> You have revision %(cited)s; now it is revision %(newest)s, since "
            "%(moment)s (Kyiv time).",
            cited=card.cited.revision,
            newest=card.newest,
            moment=tr.moment(card.changed_at),
        ),
        _why(card, parts),
    ]
    title = tr.html("<b>As it stands now, revision %(number)s:</b>", number=card.newest)
    current = _in_full(newest, card.now, bot, parts)
    return lay_out([LINE.join(lines), *_old(card, parts), title, *current], _reach(tr, card.cited))


def label(record: Record, ref: Ref, parts: Parts) -> str | None:
    """What can be cited, on a button; None for what is gone."""
    found, tr = find(record, ref), parts.tr
    if found is None:
        return None
    if isinstance(found, Exchange):
        if not found.handovers:
            return tr.gettext("The exchange spoken of")
        return tr.gettext("Exchange: %(days)s", days=parts.span(found))
    claim, count = found
    text = visible(parts.count(count) if count else _briefly(claim, parts))
    if day := (count and count.as_of) or _day(record, claim):
        text = f"{tr.day(day)}: {text}"
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _briefly(claim: Claim, parts: Parts) -> Markup:
    """Who said it, and how it begins."""
    told = [claim.speaker, claim.gist]
    return Markup(". ").join(parts.words(each) for each in told if each)


def _day(record: Record, claim: Claim) -> date | None:
    days = {handover.key: handover.day for exchange in record.exchanges for handover in exchange.handovers}
    return claim.said_on or days.get(claim.handover or "")


def _in_full(cited: Citation, found: Found, bot: str, parts: Parts) -> Blocks:
    tr = parts.tr
    identifier = _identifier(cited)
    link = f"https://t.me/{bot}?start=c_{cited.payload()}"
    line = tr.gettext(
        "%(said)s %(sources)s – Obmin, %(identifier)s, as of %(day)s: %(link)s",
        said=_short(visible(_said(found, parts))),
        sources=_plain_sources(found, parts),
        identifier=identifier,
        day=tr.day(cited.day),
        link=link,
    )
    known = [
        _wording(found, tr),
        _chain(found, parts),
        tr.html("Identifier: <code>%(identifier)s</code>", identifier=identifier),
    ]
    return [
        _content(found, parts),
        LINE.join(each for each in known if each),
        LINE.join([tr.html("To copy:"), Markup("<code>{}</code>").format(line)]),
        tr.html('<a href="%(link)s">A link that opens this card again</a>', link=link),
    ]


def _identifier(cited: Citation) -> str:
    kind = {Kind.EXCHANGE: "exchange", Kind.STATEMENT: "statement", Kind.FIGURE: "figure"}[cited.ref.kind]
    return f"{kind}/{cited.ref.key}@{cited.revision}"


def _reach(tr: Translator, cited: Citation) -> Markup:
    return tr.html("<i>Cited as of %(day)s (Kyiv time).</i>", day=tr.day(cited.day))


def _content(found: Found, parts: Parts) -> Markup:
    tr = parts.tr
    if isinstance(found, Exchange):
        if found.handovers:
            return LINE.join([tr.html("<b>Exchange</b>"), parts.brief(found, found.handovers)])
        return LINE.join([tr.html("<b>The exchange spoken of</b>"), *(parts.claim(each) for each in found.claims)])
    claim, count = found
    if count is None:
        return LINE.join([tr.html("<b>Statement</b>"), parts.claim(claim)])
    lines = [tr.html("<b>Figure</b>"), _who(claim, parts), parts.count(count), parts.sources(claim.sources)]
    return LINE.join(lines)


def _who(claim: Claim, parts: Parts) -> Markup:
    """Who said it, and when; published reports of a day have no date of their own."""
    if claim.speaker or claim.said_on:
        return parts.attribution(claim)
    return parts.tr.html("<b>Reported in the press:</b>")


def _said(found: Found, parts: Parts) -> Markup:
    """What is cited, in one or two sentences."""
    if isinstance(found, Exchange):
        if not found.handovers:
            return parts.claim(found.claims[-1])
        heading = parts.heading(found, found.handovers)
        return Markup("{}. {}").format(heading, parts.numbers(found.handovers).replace("\n", " "))
    claim, count = found
    sentences = [_who(claim, parts)]
    if count:
        return SPACE.join([*sentences, parts.count(count)])
    if claim.gist:
        sentences.append(parts.words(claim.gist))
    sentences += [parts.count(each, attributed=False) for each in claim.counts]
    return SPACE.join(sentences)


def _short(text: str) -> str:
    if len(text) <= SHORT:
        return text
    return text[:SHORT].rsplit(" ", 1)[0] + "…"


def _plain_sources(found: Found, parts: Parts) -> str:
    tr = parts.tr
    told = []
    for source in _cited(found):
        publisher = visible(parts.words(source.publisher)) if source.publisher else source.title
        day = tr.partial_date(source.published) if source.published else None
        told.append(", ".join(part for part in (publisher, day, source.url) if part))
    return "; ".join(told)


def _cited(found: Found) -> list[Cited]:
    """The pages, each once."""
    if isinstance(found, Exchange):
        claims = [*found.claims, *(claim for handover in found.handovers for claim in handover.claims)]
    else:
        claims = [found[0]]
    return list(dict.fromkeys(source for claim in claims for source in claim.sources))


def _wording(found: Found, tr: Translator) -> Markup | None:
    """In which language it was first written down, and that ours is a translation."""
    wording = _gist(found)
    if wording is None:
        return None
    if wording.original == tr.language or tr.language not in wording.texts:
        written = tr.html("Wording: as it was first written down in our record.")
    else:
        written = {
            "uk": tr.html("Wording: first written down in Ukrainian; this is our translation."),
            "en": tr.html("Wording: first written down in English; this is our translation."),
            "ru": tr.html("Wording: first written down in Russian; this is our translation."),
        }[wording.original]
    return SPACE.join([written, tr.html("It is the gist, no quotation: to quote, open the page.")])


def _gist(found: Found) -> Wording | None:
    if isinstance(found, Exchange):
        return next((claim.gist for claim in found.claims if claim.gist), None) if not found.handovers else None
    claim, count = found
    return count.note if count else claim.gist


def _chain(found: Found, parts: Parts) -> Markup | None:
    """From who spoke, through who relayed it, to the page that we read."""
    if isinstance(found, Exchange):
        return None
    claim, _ = found
    if claim.speaker is None:
        return parts.tr.html("Chain: no single speaker; the pages report it themselves.")
    links = [parts.words(name) for name in (claim.speaker, *claim.relayed_by)]
    published = dict.fromkeys(parts.words(source.publisher) for source in claim.sources if source.publisher)
    if published:
        links.append(Markup(", ").join(published))
    return parts.tr.html("Chain: %(links)s", links=Markup(" → ").join(links))


def _why(card: Card, parts: Parts) -> Markup:
    if card.why is None:
        return parts.tr.html("The reason was not written down.")
    return parts.tr.html("Why: %(why)s", why=parts.words(card.why))


def _taken_back(card: Card, parts: Parts) -> Markup:
    tr = parts.tr
    title = tr.html("<b>Taken back: our record no longer says this. Do not cite it.</b>")
    moment = (
        tr.html("Since: %(moment)s (Kyiv time).", moment=tr.moment(card.changed_at)) if card.changed_at else ""
    )
    return LINE.join(line for line in (title, moment, _why(card, parts)) if line)


def _old(card: Card, parts: Parts) -> Blocks:
    """As it was cited, unless that may do harm: it may have been taken back for that very reason."""
    tr, content = parts.tr, _content(card.then, parts)
    title = tr.html("<b>As cited, revision %(number)s:</b>", number=card.cited.revision)
    if harm.find([visible(_said(card.then, parts))], photo=False, known=card.names):
        hidden = tr.html("The earlier wording is not shown again, because it may harm somebody.")
        return [LINE.join([title, hidden])]
    return [title, content]

"""Released posts as Atom (RFC 4287) and JSON Feed 1.1: a correction is the same entry, updated."""

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from markupsafe import Markup

from bot.answers.pages import visible
from bot.answers.post import post
from bot.delivery.subscriptions import Follows
from bot.i18n import Language, Translator, translator
from bot.opendata.edition import LICENCE, Edition
from bot.opendata.library import File
from bot.opendata.posts import Released
from models.desk import PostRevision

KINDS = tuple(Follows)
FEED_FORMATS = ("atom", "json")
MEDIA_TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json"}
LONGEST_TITLE = 100
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    language: Language
    kind: str
    format: str
    root: str
    """The public address of our server."""
    bot: str
    """Its name, to link to."""

    @property
    def address(self) -> str:
        return f"{self.root}/feeds/{self.language}/{self.kind}.{self.format}"


def titles(tr: Translator) -> Mapping[str, str]:
    return {
        Follows.ALL: tr.gettext("Exchanges of prisoners: all updates"),
        Follows.EXCHANGES: tr.gettext("Exchanges of prisoners: exchanges only"),
        Follows.TALKS: tr.gettext("Exchanges of prisoners: talks"),
        Follows.ADVISORIES: tr.gettext("Exchanges of prisoners: advice"),
    }


def feed_file(edition: Edition, feed: Feed, entries: list[Released]) -> File:
    changed_at = max((entry.updated for entry in entries), default=edition.changed_at)
    with_pages = {exchange.key for exchange in edition.record.exchanges}
    about = {entry.id: _of_exchange(feed, entry.exchange) for entry in entries if entry.exchange in with_pages}
    write = _atom if feed.format == "atom" else _json_feed
    name = f"obmin-{feed.kind}-{feed.language}.{feed.format}"
    content = write(feed, entries, about, changed_at)
    return File(name, MEDIA_TYPES[feed.format], content, edition.number, changed_at)


def _title(told: Markup, of: PostRevision, language: Language) -> str:
    """What kind of post it is, and how it begins."""
    heading = visible(told).partition("\n")[0]
    said = of.texts.get(language) or next(iter(of.texts.values()), "")
    return f"{heading} – {textwrap.shorten(said, LONGEST_TITLE, placeholder='…')}" if said else heading


def _page(feed: Feed, entry: Released) -> str:
    """Of the post: how it stands now, and that it is ours."""
    return f"{feed.root}/verify/{entry.post.post.code}?lang={feed.language}"


def _of_exchange(feed: Feed, key: str | None) -> str:
    return f"{feed.root}/exchanges/{key}?lang={feed.language}"


def _as_html(told: Markup) -> str:
    return str(told).replace("\n", "<br>\n")


def _atom(feed: Feed, entries: list[Released], about: dict[str, str], updated: datetime) -> bytes:
    tr = translator(feed.language)
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": feed.language})

    def add(to: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(to, tag, attributes)
        element.text = NOT_IN_XML.sub("", text) if text else None
        return element

    add(root, "id", uuid5(NAMESPACE_URL, feed.address).urn)
    add(root, "title", titles(tr)[feed.kind])
    add(root, "updated", updated.isoformat())
    add(add(root, "author"), "name", "Obmin")
    add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    add(root, "link", rel="alternate", type="text/html", href=f"{feed.root}/?lang={feed.language}")
    add(root, "link", rel="license", href=LICENCE)
    for entry in entries:
        told = post(entry.post, feed.language, bot=feed.bot)
        element = add(root, "entry")
        add(element, "id", entry.id)
        add(element, "title", _title(told, entry.post, feed.language))
        add(element, "published", entry.published.isoformat())
        add(element, "updated", entry.updated.isoformat())
        add(element, "category", term=entry.post.kind)
        add(element, "link", rel="alternate", type="text/html", href=_page(feed, entry))
        if entry.id in about:
            add(element, "link", rel="related", type="text/html", href=about[entry.id])
        add(element, "content", _as_html(told), type="html")
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written


def _json_feed(feed: Feed, entries: list[Released], about: dict[str, str], _: datetime) -> bytes:
    """https://www.jsonfeed.org/version/1.1/"""
    items: list[dict[str, Any]] = []
    for entry in entries:
        told = post(entry.post, feed.language, bot=feed.bot)
        items.append(
            {
                "id": entry.id,
                "url": _page(feed, entry),
                "title": _title(told, entry.post, feed.language),
                "content_html": _as_html(told),
                "content_text": visible(told),
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
                "tags": [entry.post.kind],
                "language": feed.language,
                "_obmin": {
                    "post": entry.post.post_id,
                    "revision": entry.post.number,
                    "withdrawn": entry.post.withdraws,
                    "exchange": about.get(entry.id),
                },
            }
        )
    written = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": titles(translator(feed.language))[feed.kind],
        "home_page_url": f"{feed.root}/?lang={feed.language}",
        "feed_url": feed.address,
        "language": feed.language,
        "authors": [{"name": "Obmin"}],
        "items": items,
    }
    return json.dumps(written, ensure_ascii=False).encode()

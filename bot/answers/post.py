"""A revision of a post -> what readers of one language see. Staff see the same, before and after release."""

from collections.abc import Mapping

from markupsafe import Markup

from bot.answers import differences
from bot.answers.pages import MOST, MOST_UNDER_PHOTO, visible_length
from bot.answers.parts import Parts
from bot.desk.facts import Facts
from bot.desk.posts import missing_languages
from bot.i18n import LANGUAGES, Language, Translator, translator
from models.desk import Importance, Kind, PostRevision

VERIFY = "verify_"
"""Begins the command, and the payload of a link, that asks whether a post is ours; the post's code follows."""


def post(of: PostRevision, language: Language, *, bot: str | None = None, caption: bool = False) -> Markup:
    """Everything a reader gets in one message; a photograph stands above it.

    `caption`: it stands under a picture even if this revision has no photograph, because an earlier one had.

    With the name of the `bot` it can be checked by a link: no command can be sent in a channel or on a page.
    """
    most = MOST_UNDER_PHOTO if of.photo or caption else MOST
    for changes in range(differences.MOST, 0, -1):
        if visible_length(whole := _post(of, language, bot, changes)) <= most:
            return whole
    return _post(of, language, bot, changes=0)


def _post(of: PostRevision, language: Language, bot: str | None, changes: int) -> Markup:
    """With as many of the changes that it made in the record as there is room for."""
    tr = translator(language)
    parts = Parts(tr)
    blocks = [_heading(of, tr)]
    if of.why:
        blocks.append(tr.html("<b>What changed:</b> %(why)s", why=_said(of.why, tr)))
    if not of.withdraws:
        blocks.append(_said(of.texts, tr))
        if language in missing_languages(of):
            blocks.append(tr.html("<i>The translation is not ready yet; this is the original.</i>"))
        if changed := differences.changed(of, parts, changes):
            blocks.append(changed)
        if sources := Facts.model_validate(of.facts).sources:
            blocks.append(parts.sources(source.cited(language) for source in sources))
    numbers = tr.html("<i>Post %(post)s, revision %(revision)s</i>", post=of.post_id, revision=of.number)
    blocks.append(numbers + "\n" + _how_to_check(of, tr, bot))
    return Markup("\n\n").join(blocks)


def too_long(of: PostRevision, bot: str, *, caption: bool = False) -> dict[Language, int]:
    """By how many characters it exceeds what Telegram takes in one message: nobody at all would get it."""
    most = MOST_UNDER_PHOTO if of.photo or caption else MOST
    excess = {
        language: visible_length(post(of, language, bot=bot, caption=caption)) - most for language in LANGUAGES
    }
    return {language: signs for language, signs in excess.items() if signs > 0}


def correction_notice(of: PostRevision, language: Language, *, bot: str | None = None) -> Markup:
    """The short reply under a copy that has been corrected or taken back."""
    tr = translator(language)
    why = _said(of.why, tr)
    told = (
        tr.html("<b>The message above was withdrawn.</b> %(why)s", why=why)
        if of.withdraws
        else tr.html("<b>The message above was corrected.</b> %(why)s", why=why)
    )
    return told + "\n\n" + _how_to_check(of, tr, bot)


def _how_to_check(of: PostRevision, tr: Translator, bot: str | None) -> Markup:
    check = f"{VERIFY}{of.post.code}"
    link = Markup('<a href="{0}">{0}</a>').format(f"https://t.me/{bot}?start={check}")
    where = link if bot else f"/{check}"
    return tr.html("<i>To check that this is genuine: %(where)s</i>", where=where)


def _heading(of: PostRevision, tr: Translator) -> Markup:
    if of.withdraws:
        return tr.html("<b>Withdrawn</b>")
    kind = {
        Kind.ANNOUNCEMENT: tr.html("<b>Announcement</b>"),
        Kind.PROGRESS: tr.html("<b>An exchange: how it goes on</b>"),
        Kind.COMPLETED: tr.html("<b>An exchange has taken place</b>"),
        Kind.TALKS: tr.html("<b>Talks</b>"),
        Kind.ADVISORY: tr.html("<b>Please note</b>"),
    }[of.kind]
    if of.number > 1:
        return tr.html("<b>Corrected.</b> %(kind)s", kind=kind)
    if of.importance is Importance.URGENT:
        return tr.html("<b>Urgent.</b> %(kind)s", kind=kind)
    return kind


def _said(texts: Mapping[str, str], tr: Translator) -> Markup:
    """In the reader's language, or in the one it was written in first."""
    text = texts.get(tr.language) or next(iter(texts.values()), "")
    return Markup.escape(text)

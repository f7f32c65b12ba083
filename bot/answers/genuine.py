"""Whether something that a person was shown is a post of ours: its code leads to the post as it stands now."""

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.post import post
from bot.i18n import Translator
from models.desk import CODE_LENGTH, Post, PostRevision, State

ALIKE = str.maketrans("OILОІЗАВСЕНКМРТХУ", "011013ABCEHKMPTXY")
"""Characters that are misread, or typed on a Cyrillic keyboard, and what is meant."""


def code_in(text: str) -> str:
    """A code as somebody copied it: in small letters, with spaces or dashes, with O for 0.

    >>> code_in(" 7k3m-x2qo, please")
    '7K3MX2Q0'
    """
    return "".join(filter(str.isalnum, text.upper())).translate(ALIKE)[:CODE_LENGTH]


async def released(session: AsyncSession, code: str) -> Sequence[PostRevision]:
    """What readers were given of the post with this code, oldest first; nothing that was not released."""
    query = (
        select(PostRevision)
        .join(Post)
        .where(Post.code == code, PostRevision.state == State.RELEASED, PostRevision.to_readers.is_(True))
        .order_by(PostRevision.number)
    )
    return (await session.scalars(query)).all()


def genuine(revisions: Sequence[PostRevision], tr: Translator, *, bot: str | None = None) -> Markup:
    """That it is ours, since when, and the post as it stands now; `bot` as for `post`."""
    first, now = revisions[0], revisions[-1]
    lines = []
    if now.withdraws:
        lines.append(tr.html("<b>This post was ours, and it has been withdrawn.</b>"))
    elif now is first:
        lines.append(tr.html("<b>This post is genuine: it is ours.</b>"))
    else:
        lines.append(tr.html("<b>This post is genuine: it is ours. It has been corrected.</b>"))
    if now is not first:
        lines.append(tr.html("An earlier screenshot or copy is out of date: please do not pass it on."))
    lines += [
        tr.html(
            "Revision %(number)s, released: %(moment)s (Kyiv).",
            number=each.number,
            moment=tr.moment(each.released_at),
        )
        for each in dict.fromkeys((first, now))
        if each.released_at
    ]
    lines.append(
        tr.html("This is how it stands now. If what you were shown says something else, please do not trust it.")
    )
    return Markup("\n").join(lines) + "\n\n" + post(now, tr.language, bot=bot)


def unknown(tr: Translator) -> Markup:
    return tr.html(
        "<b>No post of ours has this code.</b>\n"
        "Please compare it with what you were shown, sign by sign. If it is the same, the message is not ours: "
        "do not pass it on, do not pay, and do not give your data."
    )

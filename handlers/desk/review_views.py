"""What reviewers see: what a revision changes, what may harm, what its release would mean, and how to go on."""

import difflib

from markupsafe import Markup

from bot.answers.post import VERIFY
from bot.desk import posts
from bot.desk.facts import Facts
from bot.desk.forecast import Forecast
from bot.desk.harm import Harm
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Translator
from handlers.desk.keys import key, keyboard
from handlers.desk.views import Screen, Seen, facts, harm_name, headline, parts_of
from models.desk import Importance, PostRevision, State


def under_review(tr: Translator, seen: Seen, harms: tuple[Harm, ...], outlook: Forecast) -> Screen:
    of = seen.revision
    blocks = [headline(tr, seen)]
    if harms:
        named = tr.list([harm_name(tr, harm) for harm in harms])
        blocks.append(tr.html("<b>Before it goes on, look: it holds %(harms)s.</b>", harms=named))
    if seen.before:
        blocks += _differences(tr, seen.before, of)
    else:
        blocks += parts_of(tr, of)
    blocks.append(forecast(tr, outlook))
    stamp = posts.fingerprint(of)
    back = key(tr.gettext("Send back"), "back", of.id)
    over = key(tr.gettext("Take over"), "over", of.id)
    preview = key(tr.gettext("Preview"), "preview", of.id)
    if of.state is State.HELD:
        go_on = [key(tr.gettext("I have looked: it may go on"), "clear", of.id, stamp)]
    elif posts.missing_languages(of) and of.importance is Importance.URGENT:
        go_on = [key(tr.gettext("Approve without the missing language"), "approve", of.id, stamp, "incomplete")]
    else:
        go_on = [
            key(tr.gettext("Approve now"), "approve", of.id, stamp),
            key(tr.gettext("Approve for later"), "later", of.id, stamp),
        ]
    return blocks, keyboard(go_on, [back, over], [preview])


def done(tr: Translator, seen: Seen) -> Screen:
    """What waits for its time, or was released: to be stopped, corrected or taken back."""
    of = seen.revision
    lines = [headline(tr, seen), *parts_of(tr, of)]
    if of.state is State.SCHEDULED and of.release_at:
        lines.append(tr.html("It goes out: %(moment)s (Kyiv).", moment=tr.moment(of.release_at)))
        return lines, keyboard([key(tr.gettext("Do not release it then"), "unschedule", of.id)])
    if of.released_at:
        lines.append(tr.html("Released: %(moment)s (Kyiv).", moment=tr.moment(of.released_at)))
    if of.released_at and of.to_readers:
        lines.append(tr.html("Anybody can check it: %(command)s", command=f"/{VERIFY}{of.post.code}"))
    keys = [key(tr.gettext("Correct"), "correct", of.post_id), key(tr.gettext("Withdraw"), "withdraw", of.post_id)]
    all_revisions = [key(tr.gettext("All revisions"), "history", of.post_id)]
    return lines, keyboard(keys if of.state is State.RELEASED else [], all_revisions)


def _differences(tr: Translator, before: PostRevision, of: PostRevision) -> list[Markup]:
    """What this revision changes of the one that readers have."""
    lines = [tr.html("<b>What it changes of revision %(number)s:</b>", number=before.number)]
    if of.withdraws:
        lines.append(tr.html("The post is taken back, and with it what it said for the record."))
    for language in LANGUAGES:
        old, new = before.texts.get(language, ""), of.texts.get(language, "")
        if old != new and not of.withdraws:
            changed = difference(old, new)
            lines.append(tr.html("%(language)s: %(text)s", language=LANGUAGE_NAMES[language], text=changed))
    old_facts = facts(tr, Facts.model_validate(before.facts))
    new_facts = facts(tr, Facts.model_validate(of.facts))
    if not of.withdraws:
        lines += [Markup("<s>{}</s>").format(line) for line in old_facts if line not in new_facts]
        lines += [Markup("<u>{}</u>").format(line) for line in new_facts if line not in old_facts]
    lines += [
        tr.html("What changed, %(language)s: %(text)s", language=LANGUAGE_NAMES[language], text=of.why[language])
        for language in LANGUAGES
        if language in of.why
    ]
    return lines


def difference(old: str, new: str) -> Markup:
    """Word by word: what goes is struck out, what comes is underlined."""
    before, after = old.split(), new.split()
    shown = []
    for change, first, last, new_first, new_last in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if change == "equal":
            shown.append(Markup.escape(" ".join(after[new_first:new_last])))
            continue
        if last > first:
            shown.append(Markup("<s>{}</s>").format(" ".join(before[first:last])))
        if new_last > new_first:
            shown.append(Markup("<u>{}</u>").format(" ".join(after[new_first:new_last])))
    return Markup(" ").join(shown)


def forecast(tr: Translator, outlook: Forecast) -> Markup:
    n = outlook.everybody
    by_language = [
        tr.gettext("%(language)s: %(count)s", language=LANGUAGE_NAMES[language], count=tr.number(count))
        for language, count in sorted(outlook.readers.items())
        if language in LANGUAGE_NAMES
    ]
    lines = [
        tr.nhtml("It goes to %(n)s reader.", "It goes to %(n)s readers.", n),
        tr.html("By language: %(readers)s.", readers=tr.list(by_language)) if by_language else None,
        tr.html(
            "That takes %(time)s; as a paid broadcast %(paid)s and %(stars)s Stars.",
            time=_duration(tr, outlook.seconds),
            paid=_duration(tr, outlook.seconds_paid),
            stars=tr.number(outlook.stars),
        ),
        tr.html("It is night in Kyiv: only an urgent post makes a sound.") if outlook.night else None,
    ]
    return Markup("\n").join(line for line in lines if line)


def _duration(tr: Translator, seconds: int) -> str:
    minutes = -(-seconds // 60)
    return tr.ngettext("about %(n)s minute", "about %(n)s minutes", max(1, minutes))

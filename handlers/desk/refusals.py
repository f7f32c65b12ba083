"""What a member of staff is told when the desk says no, and what to do then."""

from collections.abc import Callable

from markupsafe import Markup

from bot.desk import refusals
from bot.desk.refusals import FactsRefused, Incomplete, Refused, TooLong
from bot.i18n import LANGUAGE_NAMES, Translator


def refusal(tr: Translator, refused: Refused) -> Markup:
    if isinstance(refused, Incomplete):
        return tr.html(
            "Something is missing: %(parts)s.", parts=tr.list([part(tr, lack) for lack in refused.missing])
        )
    if isinstance(refused, TooLong):
        over = [f"{LANGUAGE_NAMES[language]}: {tr.number(signs)}" for language, signs in refused.excess.items()]
        return tr.html(
            "With its sources and what changed the post is too long for one message. Signs too many: "
            "%(over)s. Shorten it. Where there is or was a photograph, there is room for less.",
            over="; ".join(over),
        )
    if isinstance(refused, FactsRefused):
        return _facts(tr, refused)
    return next(words(tr) for kind, words in _WORDS.items() if isinstance(refused, kind))


_WORDS: dict[type[Refused], Callable[[Translator], Markup]] = {
    refusals.NotThere: lambda tr: tr.html("There is no such post any more. /desk"),
    refusals.NotNow: lambda tr: tr.html("This post has moved on since. Open it anew: /desk"),
    refusals.OwnPost: lambda tr: tr.html(
        "You wrote or changed this last, so somebody else must look at it and approve it."
    ),
    refusals.SecondLookerApproves: lambda tr: tr.html(
        "You were the second to look at it, so a third person must approve it."
    ),
    refusals.Changed: lambda tr: tr.html("It was changed after it was shown to you. Open it anew: /desk"),
    refusals.Frozen: lambda tr: tr.html("Publishing is frozen. Two people can thaw it: /desk"),
    refusals.SameThawer: lambda tr: tr.html("You have asked for it already. A second person must agree."),
    refusals.WrongCode: lambda tr: tr.html(
        "This is not the code that your authenticator shows now. Send the present one, or /cancel"
    ),
    refusals.CodeAlreadyUsed: lambda tr: tr.html(
        "This code has been used. Wait for the next one, and send that, or /cancel"
    ),
    refusals.Locked: lambda tr: tr.html("Too many wrong codes. Try again in a quarter of an hour."),
    refusals.InvitationInvalid: lambda tr: tr.html("This invitation does not hold. Ask for a new one."),
    refusals.AlreadyStaff: lambda tr: tr.html("You are staff already: /desk"),
    refusals.NameTaken: lambda tr: tr.html("This name has been taken. Choose another one."),
    refusals.InThePast: lambda tr: tr.html("This time has passed. Send a time to come, in Kyiv."),
    refusals.NotAllowed: lambda tr: tr.html("Your role does not allow this."),
}


def part(tr: Translator, name: str) -> str:
    """What a post consists of, as it is called in lists."""
    return {
        "text": tr.gettext("the text"),
        "why": tr.gettext("what changed and why"),
        "source": tr.gettext("a source"),
        "stage": tr.gettext("the stage"),
        "text in uk": tr.gettext("the text in Ukrainian"),
        "text in en": tr.gettext("the text in English"),
        "text in ru": tr.gettext("the text in Russian"),
    }[name]


def _facts(tr: Translator, refused: FactsRefused) -> Markup:
    given = refused.values
    match refused.reason:
        case "completed without a day":
            return tr.html("An exchange that is completed has a day. Give it with the stage.")
        case "completed without an exchange":
            return tr.html("Choose first which exchange was completed.")
        case "completed in the future" | "said in the future" | "published in the future":
            return tr.html("%(day)s has not come yet. Send the right day.", day=tr.day(given["day"]))  # type: ignore[arg-type]
        case "two numbers":
            return tr.html(
                "Two numbers of the same people contradict each other: %(first)s and %(second)s.", **given
            )
        case "another number":
            return tr.html(
                "Our record has %(ours)s from the same side for that day, and you give %(given)s. "
                "If ours is wrong, correct the post or the record that it came from.",
                **given,
            )
        case _:
            return tr.html("The record does not take it: %(why)s", **given)

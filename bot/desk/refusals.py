"""Why the desk says no. The docstrings are for logs; what a person sees stands in `handlers/desk/refusals.py`."""

from collections.abc import Mapping

from bot.errors import ObminError
from bot.i18n import Language


class Refused(ObminError):
    """An act of staff that does not happen, for a reason that they can be told."""


class NotAllowed(Refused):
    """The role does not allow it, or the membership has ended."""


class NotThere(Refused):
    """There is no such post or revision any more."""


class NotNow(Refused):
    """The revision is in another state: released, discarded, or being reviewed."""


class OwnPost(Refused):
    """An author cannot approve, or clear, what they wrote or changed last."""


class SecondLookerApproves(Refused):
    """Whoever looked at what may harm is not the one who approves it."""


class Changed(Refused):
    """The revision has been changed since it was shown."""


class Frozen(Refused):
    """Publishing is frozen."""


class SameThawer(Refused):
    """The second person to thaw must not be the first."""


class CodeRefused(Refused):
    """The step-up code does not count."""


class WrongCode(CodeRefused):
    """It is not the authenticator's current code."""


class CodeAlreadyUsed(CodeRefused):
    """No code counts twice."""


class Locked(CodeRefused):
    """Too many wrong codes."""


class InvitationInvalid(Refused):
    """Unknown, used, revoked or expired: which one is nobody's business."""


class AlreadyStaff(Refused):
    """This chat belongs to a member already."""


class NameTaken(Refused):
    """Another member has, or had, this alias: the trail must tell them apart."""


class Incomplete(Refused):
    """Something that a post must have is missing; `missing` says what."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class TooLong(Refused):
    """It is too long for any message of Telegram; `excess` says by how many characters, in which languages."""

    def __init__(self, excess: Mapping[Language, int]) -> None:
        super().__init__(", ".join(f"{language} by {signs}" for language, signs in excess.items()))
        self.excess = excess


class FactsRefused(Refused):
    """What the post says for the record does not fit it; `reason` says why."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


class InThePast(Refused):
    """A release cannot be scheduled for a time in the past."""

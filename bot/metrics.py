"""What is counted of the running program, for Prometheus. Each name and what it means stands here, once.

A label comes from a closed set, all its values there from the start: so nothing of a person can become one, and
counting is a dictionary look-up and an addition. `bot.monitoring` serves them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from time import monotonic
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client import disable_created_metrics as without_moments_of_creation

from bot.delivery.incoming import KINDS, OTHER
from bot.i18n import LANGUAGES
from bot.understanding import Question, Topic
from bot.understanding.question import DOUBTFUL
from models.delivery import Outcome

Lane = Literal["reply", "broadcast"]

UP_TO = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds; the promise is one second for 95 of 100 answers."""

without_moments_of_creation()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
ProcessCollector(registry=registry)


def _counters(name: str, told: str, **labels: Iterable[str]) -> dict[tuple[str, ...], Counter]:
    family = Counter(name, told, list(labels), registry=registry)
    return {values: family.labels(*values) for values in product(*labels.values())}


def _gauge(name: str, told: str) -> Gauge:
    return Gauge(name, told, registry=registry)


# Updates and answers

_updates = _counters("obmin_updates", "Updates that were taken, by kind.", kind=[*KINDS, OTHER])
_answers = _counters(
    "obmin_answers", "Questions answered, by topic and language.", topic=[*Topic, DOUBTFUL], language=LANGUAGES
)
_seconds = Histogram(
    "obmin_answer_seconds",
    "From an update's coming to the end of its handling, its answer sent.",
    ["kind"],
    buckets=UP_TO,
    registry=registry,
)
_seconds_of = {kind: _seconds.labels(kind) for kind in (*KINDS, OTHER)}
update_failures = Counter("obmin_update_failures", "Updates whose handling failed.", registry=registry)
updates_waiting = _gauge("obmin_updates_waiting", "Updates that were taken and are not yet handled.")

_came: dict[int, tuple[str, float]] = {}
"""The kind of each update that is waiting or being handled, and when it came."""
updates_waiting.set_function(lambda: len(_came))


def update_came(update_id: int, kind: str, came: float) -> None:
    """`came`: when, by the monotonic clock."""
    _updates[kind,].inc()
    _came[update_id] = kind, came


def update_of_unknown_form() -> None:
    _updates[OTHER,].inc()


@contextmanager
def handling(update_id: int) -> Iterator[str]:
    """Gives the kind of the update that is being handled in the block."""
    kind, came = _came.get(update_id, (OTHER, 0.0))
    try:
        yield kind
    finally:
        if _came.pop(update_id, None):
            _seconds_of[kind].observe(monotonic() - came)


def answered(question: Question) -> None:
    _answers[question.counted_as, question.language].inc()


# Sending

_LANES: tuple[Lane, ...] = ("reply", "broadcast")
_sends = _counters("obmin_sends", "Messages sent or edited, and tries to, by lane.", lane=_LANES)
_refusals = _counters(
    "obmin_too_many_requests", "Times that Telegram asked us to wait (429), by lane.", lane=_LANES
)
_deliveries = _counters(
    "obmin_deliveries", "Copies of posts settled, by outcome; pending: to be tried again.", outcome=Outcome
)


def sending(lane: Lane) -> None:
    _sends[lane,].inc()


def refused(lane: Lane) -> None:
    _refusals[lane,].inc()


def settled(outcome: Outcome) -> None:
    _deliveries[outcome,].inc()


# The state of things: set by whoever knows it, or when somebody looks (`bot.monitoring`)

vault_errors = Counter("obmin_vault_errors", "Sealed values that did not open.", registry=registry)
database_up = _gauge("obmin_database_up", "1 if the database answers.")
connections_used = _gauge("obmin_database_connections_used", "Connections to the database in use.")
connections_permitted = _gauge(
    "obmin_database_connections_permitted", "Connections to the database that this process has at most."
)
connections_kept = _gauge("obmin_database_connections_kept", "Connections to the database kept for the next use.")
due = _gauge("obmin_deliveries_due", "Copies that should go out now; counted up to 10,000.")
lag = _gauge("obmin_delivery_lag_seconds", "How long the copy that waits longest has been due; 0 if none is.")
broadcasts = _gauge("obmin_broadcasts_unfinished", "Broadcasts whose copies are still being made.")
courier_active = _gauge("obmin_courier_active", "1 if this process is the one that sends broadcasts.")
courier_halted = _gauge("obmin_courier_halted", "1 if nothing is sent because Telegram refused the token.")
frozen = _gauge("obmin_frozen", "1 if staff have stopped publishing and delivery.")
record_checked = _gauge(
    "obmin_record_checked_age_seconds", "Since the end of the day on which the sources were last looked through."
)
record_changed = _gauge("obmin_record_changed_age_seconds", "Since the record last changed.")
read_in_database = (due, lag, broadcasts, courier_halted, frozen, record_checked, record_changed)
"""NaN while the database does not answer: old figures would look like news."""
telegram_connected = _gauge("obmin_telegram_connected", "1 if the last call to the Bot API server was answered.")
version = Info("obmin", "The program's version, and the revision of the schema it works with.", registry=registry)


class Telegram:
    """Whether the Bot API server answered the last call, and knows the token."""

    connected = False

    @classmethod
    def answered(cls, status: int) -> None:
        # 404 is what a token gets that is not even of the right form.
        cls.connected = status < 500 and status not in (401, 404)
        telegram_connected.set(cls.connected)

    @classmethod
    def is_silent(cls) -> None:
        cls.connected = False
        telegram_connected.set(0)

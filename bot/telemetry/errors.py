"""To Sentry: what kind of error, and where in the code. Its words, its values and who had it stay here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

ONCE_IN = 60.0
"""Seconds: the same failure is reported this often at most."""
KEPT_OF_EVENT = ("event_id", "timestamp", "platform", "level", "release")
KEPT_OF_FRAME = ("filename", "function", "module", "lineno")
FLUSHED_IN = 2.0
"""Seconds."""


@contextmanager
def reporting(dsn: str) -> Iterator[Callable[[BaseException], None]]:
    sentry_sdk.init(
        dsn,
        before_send=only_kind_and_place,
        # They would add requests, log lines, arguments, host names; and hook into libraries. Nothing about people
        # is sent by default (`send_default_pii`, whose setting is deprecated).
        default_integrations=False,
        auto_enabling_integrations=False,
        max_breadcrumbs=0,
        include_local_variables=False,
        include_source_context=False,
        auto_session_tracking=False,
        send_client_reports=False,
        max_request_body_size="never",
        server_name="",
    )
    told: dict[tuple[str, int], float] = {}

    def report(error: BaseException) -> None:
        place, now = _place(error), monotonic()
        if now - told.get(place, -ONCE_IN) >= ONCE_IN:
            told[place] = now
            sentry_sdk.capture_exception(error)

    try:
        yield report
    finally:
        sentry_sdk.get_client().close(timeout=FLUSHED_IN)
        sentry_sdk.init()


def _place(error: BaseException) -> tuple[str, int]:
    """The kind of an error with the line that it came from; one program has only a limited number of these."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{type(error).__name__} {trace.tb_frame.f_code.co_filename}" if trace else type(error).__name__
    return where, trace.tb_lineno if trace else 0


def only_kind_and_place(event: Event, _hint: Hint) -> Event:
    """What is not named here is dropped, whatever a later version of the library may add."""
    exceptions = event.get("exception") or {"values": []}
    kept: dict[str, Any] = {name: event[name] for name in KEPT_OF_EVENT if name in event}  # type: ignore[literal-required]
    kept["exception"] = {
        "values": [
            {
                "type": each.get("type"),
                "module": each.get("module"),
                "stacktrace": {
                    "frames": [
                        {name: frame.get(name) for name in KEPT_OF_FRAME}
                        for frame in (each.get("stacktrace") or {}).get("frames", [])
                    ]
                },
            }
            for each in exceptions["values"]
        ]
    }
    return kept  # type: ignore[return-value]

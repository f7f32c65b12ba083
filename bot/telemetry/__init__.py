"""Errors to Sentry and traces to OpenTelemetry: each only where it is set, and nothing about a person in either.

Their libraries are loaded only then, and are installed only by those who want them.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from bot.errors import ObminError

Report = Callable[[BaseException], None]
LOCK = "requirements-telemetry.lock"
Span = Callable[[str, dict[str, str | int]], AbstractContextManager[Any]]


class LibraryMissing(ObminError):
    """A setting wants a library that is not installed."""


class _Way:
    """Where errors and spans go."""

    report: Report | None = None
    span: Span | None = None


@contextmanager
def reporting(sentry_dsn: str | None, otel_endpoint: str | None) -> Iterator[None]:
    """Until the end of the block, which waits some seconds at most for what is still to be sent."""
    with ExitStack() as stack:
        if sentry_dsn:
            _Way.report = stack.enter_context(_installed("errors", "SENTRY_DSN").reporting(sentry_dsn))
        if otel_endpoint:
            _Way.span = stack.enter_context(_installed("traces", "OTEL_ENDPOINT").tracing(otel_endpoint))
        try:
            yield
        except Exception as error:
            # What the operator is told in one line is not a fault of the program.
            if not isinstance(error, ObminError):
                caught(error)
            raise
        finally:
            _Way.report = _Way.span = None


def _installed(name: str, setting: str) -> Any:  # noqa: ANN401 - a module of ours
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise LibraryMissing(
            f"{setting} needs libraries that are not installed. Run: .venv/bin/pip install -r {LOCK}; "
            f"or for a container build the image with --build-arg LOCK={LOCK}"
        ) from None


def caught(error: BaseException) -> None:
    """Something failed that should not have."""
    if _Way.report:
        _Way.report(error)


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """How long the block takes. Attributes are from closed sets, or counts."""
    return _Way.span(name, attributes) if _Way.span else nullcontext()

"""At every level, logs tell what happened, never to whom or in which words."""

import logging
import sys
import traceback
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["console", "json"]


def set_up(level: str, written: Format) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    as_json: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    as_line: Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_words,
                as_json if written == "json" else as_line,
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These log whole updates, payloads and statements, or addresses with the token in them, some as critical.
    for talkative in (
        "telegram",
        "httpx",
        "httpcore",
        "aiohttp",
        "aiosqlite",
        "asyncio",
        "sqlalchemy",
        "alembic",
        "sentry_sdk",
        "urllib3",
    ):
        logging.getLogger(talkative).handlers = [logging.NullHandler()]
        logging.getLogger(talkative).propagate = False


def kind_and_place(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its own words may repeat a message or an id."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return {"error": type(error).__name__, "at": " ".join(own[-4:])}


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Of an exception that was logged as a whole, by a library, only kind and place stay."""
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event.update(kind_and_place(error))
    event.pop("stack_info", None)
    return event

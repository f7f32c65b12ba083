"""Ports of this machine for what has to know its own before it listens."""

import os
import random
import socket
from contextlib import suppress

_OURS = 20_000 + 2_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw5").removeprefix("gw")) % 6)
"""Below those that the system gives to whoever calls out, and of this worker alone."""
_last = random.randrange(2_000)  # noqa: S311 - no secret


def free_port() -> int:
    global _last  # noqa: PLW0603 - each one is given once, or it would be given again before it is used
    while True:
        _last = (_last + 1) % 2_000
        with suppress(OSError), socket.socket() as tried:
            tried.bind(("127.0.0.1", _OURS + _last))
            return _OURS + _last

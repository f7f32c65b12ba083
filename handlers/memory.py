"""A little that is remembered while the program runs, and never stored."""

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT = 20_000


class Recent(Generic[Key, Value]):
    """The last `KEPT` things, the oldest forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        return self._kept.get(key)

    def forget(self, key: Key) -> None:
        self._kept.pop(key, None)

    def put(self, key: Key, value: Value) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

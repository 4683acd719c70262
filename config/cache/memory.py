"""What one process keeps in its own memory, up to so many bytes; what was asked for longest ago goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress


class Memory[K: Hashable, V]:
    """Values by key. ``size_of`` says what is counted for one, and ``limit`` how many bytes all may take."""

    def __init__(self, size_of: Callable[[V], int], *, limit: int) -> None:
        self._size_of = size_of
        self.limit = limit
        self._values: OrderedDict[K, V] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        value = self._values.get(key)
        if value is not None:
            # Another thread may just have dropped it; it is as good as before.
            with suppress(KeyError):
                self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep ``value``, unless there is one for this key."""
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._bytes += self._size_of(value)
            while self._bytes > self.limit:
                self._take(next(iter(self._values)))

    def drop(self, key: K) -> None:
        with self._lock:
            self._take(key)

    def size(self) -> tuple[int, int]:
        """How many, and the bytes that are counted for them."""
        with self._lock:
            return len(self._values), self._bytes

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def _take(self, key: K) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._bytes -= self._size_of(value)

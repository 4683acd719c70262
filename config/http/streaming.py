"""Bodies that are sent while they are made."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from config.http.rendering import encode

# Rows in memory at a time.
CHUNK = 2_000


class Lines:
    """One JSON object a line, from chunks of objects.

    The first chunk is read at once, so that what goes wrong in the database is an answer of its own, and not a stream
    that breaks off. Closed at its end, and by the server when the client leaves early.
    """

    def __init__(self, chunks: Iterator[Sequence[Any]]) -> None:
        self._chunks = chunks
        self._first: Sequence[Any] | None = next(chunks, None)
        self.is_empty = not self._first

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        objects, self._first = self._first, None
        if objects is None:
            objects = next(self._chunks)
        return b"".join([encode(found) + b"\n" for found in objects])

    def close(self) -> None:
        self._first = None
        if isinstance(self._chunks, Generator):
            self._chunks.close()

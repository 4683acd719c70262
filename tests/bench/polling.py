"""Many people who wait for their calculation, each asking for its status again and again, until they are stopped.

A process of its own: `python -m tests.bench.polling PORT` reads who asks (token) for what (path) from standard input,
and writes how many answers there were a second, and their median time in ms.
"""

import asyncio
import contextlib
import json
import random
import signal
import statistics
import sys
import time

PAUSE_S = 2.0


async def main(port: int, waiting: list[tuple[str, str]]) -> None:
    times: list[float] = []
    tasks = [asyncio.create_task(_poll(port, token, path, times)) for token, path in waiting]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    start = time.monotonic()
    await stopped.wait()
    seconds = time.monotonic() - start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    sys.stdout.write(json.dumps([len(times) / seconds, statistics.median(times) * 1e3]))


async def _poll(port: int, token: str, path: str, times: list[float]) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    await asyncio.sleep(random.uniform(0, PAUSE_S))  # noqa: S311
    while True:
        # A kept connection ends when its web process is replaced.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                start = time.perf_counter()
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                if " 200 " not in head.partition("\r\n")[0]:
                    raise RuntimeError(head)
                await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
                times.append(time.perf_counter() - start)
                await asyncio.sleep(PAUSE_S)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.load(sys.stdin)))

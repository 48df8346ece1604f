"""A local SMTP server for measurements, in a process of its own: it takes mails and forgets them.

It prints its port. The Message-ID of every mail taken is added to `--log` before the answer is sent. With
`--faults` it does what servers do on bad days.
"""

import argparse
import asyncio
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]*>)", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"
_HEADERS = 8_192  # bytes in which a Message-ID stands


class Session(asyncio.Protocol):
    """One connection. `faults` is the chance of each kind of trouble with a mail."""

    def __init__(self, log: IO[bytes] | None, faults: float, chance: random.Random) -> None:
        self._log, self._faults, self._chance = log, faults, chance
        self._received = bytearray()
        self._is_in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say("220 ready")

    def data_received(self, data: bytes) -> None:
        looked_at = max(0, len(self._received) - len(_END))
        self._received += data
        while not self._transport.is_closing():
            if self._is_in_data:
                end = self._received.find(_END, looked_at)
                if end < 0:
                    return
                self._taken(bytes(self._received[:_HEADERS]))
                del self._received[: end + len(_END)]
                self._is_in_data = False
            else:
                end = self._received.find(b"\r\n")
                if end < 0:
                    return
                line = bytes(self._received[:end])
                del self._received[: end + 2]
                self._answer(line)
            looked_at = 0

    def _answer(self, line: bytes) -> None:
        match line[:4].upper():
            case b"EHLO":
                self._say("250-localhost\r\n250 SIZE 100000000")
            case b"RCPT":
                self._recipient()
            case b"DATA":
                if self._happens():
                    self._say("451 4.3.0 not now")
                else:
                    self._is_in_data = True
                    self._say("354 go on")
            case b"QUIT":
                self._say("221 bye")
                self._transport.close()
            case _:
                self._say("250 2.0.0 fine")

    def _recipient(self) -> None:
        if self._happens():
            self._say("450 4.2.1 busy")
        elif self._happens():
            self._say("421 4.7.0 too many")
            self._transport.close()
        elif self._happens():
            self._transport.abort()
        else:
            self._say("250 2.1.5 fine")

    def _taken(self, head: bytes) -> None:
        if self._happens():
            self._say("452 4.3.1 full")
            return
        is_lost = self._happens()  # the connection, before or after the mail is in the box
        if is_lost and self._chance.random() < 0.5:
            self._transport.abort()
            return
        if self._log is not None and (found := _MESSAGE_ID.search(head)):
            self._log.write(found[1] + b"\n")
            self._log.flush()
        if is_lost:
            self._transport.abort()
        else:
            self._say("250 2.0.0 taken")

    def _happens(self) -> bool:
        return self._faults > 0 and self._chance.random() < self._faults

    def _say(self, line: str) -> None:
        self._transport.write(line.encode() + b"\r\n")


@contextmanager
def running(log: Path | None = None, faults: float = 0.0, seed: int = 1) -> Iterator[int]:
    """The port of a server that runs, as another process, while the block does."""
    command = [sys.executable, __file__, "--faults", str(faults), "--seed", str(seed)]
    command += ["--log", str(log)] if log else []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def serve(given: argparse.Namespace) -> None:
    chance = random.Random(given.seed)
    log = given.log.open("ab") if given.log else None
    server = await asyncio.get_running_loop().create_server(
        lambda: Session(log, given.faults, chance), "127.0.0.1", given.port
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, default=None)
    parser.add_argument("--faults", type=float, default=0.0, help="Chance of each kind of trouble.")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

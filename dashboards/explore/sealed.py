"""A file on disk that only the process that wrote it can read: its key is in memory and goes with it.

It lies there in pieces, each by itself under AES-256-GCM (NIST SP 800-38D): a nonce of 12 random bytes, the
piece, a tag of 16 bytes, bound to its place. So a file of any size is written and read a piece at a time,
and a ZIP may go back to what it wrote before.
"""

import io
import os
from pathlib import Path
from typing import BinaryIO, Literal

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1 << 18  # bytes
_NONCE, _TAG = 12, 16
_SEALED = _NONCE + PIECE + _TAG
_FLAGS = {"r": os.O_RDONLY, "w": os.O_RDWR | os.O_CREAT | os.O_TRUNC}


def new_key() -> bytes:
    """For one file: nonces are drawn by chance, so one key is not for any number of pieces."""
    return AESGCM.generate_key(256)


def open_sealed(path: Path, key: bytes, mode: Literal["r", "w"]) -> BinaryIO:
    """The file at `path` as what was written, for its owner only.

    A piece that was changed on disk raises `cryptography.exceptions.InvalidTag` where it is read.
    """
    file = os.fdopen(os.open(path, _FLAGS[mode], 0o600), "rb" if mode == "r" else "r+b")
    sealed = _Sealed(file, key)
    return io.BufferedReader(sealed, PIECE) if mode == "r" else io.BufferedRandom(sealed, PIECE)


class _Sealed(io.RawIOBase):
    """The pieces as one stream of bytes; one of them is open at a time."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        whole, rest = divmod(os.fstat(file.fileno()).st_size, _SEALED)
        self._size = whole * PIECE + max(rest - _NONCE - _TAG, 0)
        self._at = 0
        self._place, self._piece, self._is_changed = -1, bytearray(), False

    def readable(self) -> bool:
        return self._file.readable()

    def writable(self) -> bool:
        return self._file.writable()

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if not 0 <= at <= self._size:
            raise OSError("a sealed file has no holes")
        self._at = at
        return at

    def readinto(self, into: memoryview, /) -> int:  # type: ignore[override]  # what the buffer hands over
        start = self._turn()
        part = self._piece[start : start + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def write(self, given: memoryview, /) -> int:  # type: ignore[override]
        start = self._turn()
        part = given[: PIECE - start]
        self._piece[start : start + len(part)] = part
        self._is_changed = True
        self._at += len(part)
        self._size = max(self._size, self._at)
        return len(part)

    def flush(self) -> None:
        if self._is_changed:
            nonce = os.urandom(_NONCE)
            self._file.seek(self._place * _SEALED)
            self._file.write(nonce + self._cipher.encrypt(nonce, bytes(self._piece), self._bound()))
            self._file.flush()
            self._is_changed = False

    def close(self) -> None:
        try:
            super().close()  # flushes
        finally:
            self._file.close()

    def _turn(self) -> int:
        """Opens the piece that the stream stands in, and gives how far in."""
        place, start = divmod(self._at, PIECE)
        if place != self._place:
            self.flush()
            self._place, self._piece = place, bytearray()
            self._file.seek(place * _SEALED)
            if sealed := self._file.read(_SEALED):
                opened = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound())
                self._piece = bytearray(opened)
        return start

    def _bound(self) -> bytes:
        return self._place.to_bytes(8, "big")

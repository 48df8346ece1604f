"""Answers that are files: saved, never shown in place."""

from collections.abc import Iterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

_KINDS = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "eml": "message/rfc822"}
_OTHER = "application/octet-stream"
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def whole(name: str, content: bytes) -> Response:
    """A file that is in memory already."""
    return Response(content, headers=_headers(name, len(content)))


def streamed(name: str, pieces: Iterator[bytes], size: int) -> Response:
    """A file of `size` bytes, piece by piece."""
    return StreamingResponse(pieces, headers=_headers(name, size))


def _headers(name: str, size: int) -> dict[str, str]:
    """RFC 6266: the name in ASCII for old programs, whole in UTF-8 (RFC 8187)."""
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name
    )
    return {
        "Content-Type": _KINDS.get(name.rpartition(".")[2], _OTHER),
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _POLICY,
    }

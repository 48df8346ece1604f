"""Signed tokens in links: each for one purpose and one subject, until a moment.

A token is `base64url(MAC || expiry || subject)`: HMAC-SHA256 (RFC 2104) cut to 20 bytes, keyed for its
purpose alone, over the expiry (seconds since 1970, 5 bytes) and the subject. There is nothing random in it,
so that a mail can be made again to the byte. Whoever has a token can do what it is for: it is a capability.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.signing import key_for
from pipelines.store import now

Purpose = Literal["unsubscribe", "preferences", "archive", "confirm", "file"]
_MAC, _EXPIRY = 20, 5  # bytes
LONGEST = 2048  # characters; a longer one is none of ours


class ForgedTokenError(AssistantError):
    """Not one of ours, or for another purpose: nothing more is told."""


class ExpiredTokenError(AssistantError):
    """One of ours, and past its time. `subject` is whom it was for."""

    def __init__(self, subject: str, expired_at: datetime) -> None:
        super().__init__(f"This link ended on {expired_at:%Y-%m-%d}.", "Use the one in a newer mail.")
        self.subject, self.expired_at = subject, expired_at


@dataclass(frozen=True)
class Opened:
    """What a valid token says."""

    subject: str
    expires_at: datetime


def token(settings: Settings, purpose: Purpose, subject: str, expires_at: datetime) -> str:
    """The token for `subject`; the same arguments (and key) give the same token."""
    said = int(expires_at.timestamp()).to_bytes(_EXPIRY, "big") + subject.encode()
    return urlsafe_b64encode(_mac(settings, purpose, said) + said).rstrip(b"=").decode()


def opened(settings: Settings, purpose: Purpose, given: str, at: datetime | None = None) -> Opened:
    """What `given` says; raises ForgedTokenError, or ExpiredTokenError where its time is past at `at`."""
    raw = _decoded(given)
    said = raw[_MAC:]
    # Checked before anything in it is believed, in a time that does not depend on how much of it is right.
    if not hmac.compare_digest(raw[:_MAC], _mac(settings, purpose, said)) or len(said) <= _EXPIRY:
        raise _forged()
    subject = said[_EXPIRY:].decode()
    expires_at = datetime.fromtimestamp(int.from_bytes(said[:_EXPIRY], "big"), UTC)
    if (at or now()) >= expires_at:
        raise ExpiredTokenError(subject, expires_at)
    return Opened(subject, expires_at)


def subject_of(settings: Settings, purpose: Purpose, given: str, at: datetime | None = None) -> str:
    """Whom or what a token is for; raises as `opened`."""
    return opened(settings, purpose, given, at).subject


def _mac(settings: Settings, purpose: Purpose, said: bytes) -> bytes:
    return hmac.digest(key_for(settings, f"link:{purpose}"), said, "sha256")[:_MAC]


def _decoded(given: str) -> bytes:
    """The bytes of a token; only the one way of writing them that we use is taken."""
    if len(given) > LONGEST:
        raise _forged()
    try:
        raw = urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4))
    except ValueError:  # also UnicodeEncodeError, binascii.Error
        raise _forged() from None
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != given:
        raise _forged()
    return raw


def _forged() -> ForgedTokenError:
    return ForgedTokenError("This link is not valid.", "Take it from the mail again, whole.")

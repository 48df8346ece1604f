"""The secret of one home: what signed links and pseudonyms are keyed with."""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from filelock import FileLock

from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings, writable_home

KEY_FILE = "signing.key"
_KEY_BYTES = 32
SHORTEST_KEY = 16  # characters of a key that a person sets: fewer can be tried out


def signing_key(settings: Settings) -> bytes:
    """`SDA_SIGNING_KEY`, else a random key of this home, made once and readable by its owner only.

    Several machines that serve one store need the same key, so there it has to be set. Raises UsageError for
    a key that could be guessed, AssistantError where the home's own cannot be read or made.
    """
    given = settings.signing_key.get_secret_value()
    if not given:
        return _own_key(settings.home)
    if len(given) < SHORTEST_KEY:
        raise UsageError(
            f"SDA_SIGNING_KEY is shorter than {SHORTEST_KEY} characters: it could be guessed.",
            "Take a longer random text, such as `openssl rand -hex 32` writes.",
        )
    return given.encode()


def key_for(settings: Settings, use: str) -> bytes:
    """A key for one use alone: what is signed for one can never stand for another."""
    return hmac.digest(signing_key(settings), f"smart-data-assistant:{use}".encode(), "sha256")


def is_own_choice(settings: Settings) -> bool:
    """Whether a person set the key."""
    return bool(settings.signing_key.get_secret_value())


def key_file(settings: Settings) -> Path:
    """Where the home's own key lies."""
    return settings.home / KEY_FILE


def fingerprint(settings: Settings) -> str:
    """A short name of the key that tells nothing about it: to see whether two homes share one."""
    return hashlib.sha256(key_for(settings, "fingerprint")).hexdigest()[:12]


@cache
def _own_key(home: Path) -> bytes:
    file = writable_home(home) / KEY_FILE
    try:
        if not file.exists():
            with FileLock(home / "signing.lock"):
                if not file.exists():
                    _make(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise AssistantError(
            f"The signing key {file} cannot be read ({type(error).__name__}).",
            "Bring it back from a backup, or set SDA_SIGNING_KEY; links already sent need the old one.",
        ) from None
    if len(key) < _KEY_BYTES:
        raise AssistantError(f"The signing key {file} is cut off.", "Bring it back from a backup.")
    return key


def _make(file: Path) -> None:
    """Writes a new key, whole or not at all."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as output:
        output.write(secrets.token_hex(_KEY_BYTES) + "\n")
        output.flush()
        os.fsync(descriptor)
    unfinished.replace(file)

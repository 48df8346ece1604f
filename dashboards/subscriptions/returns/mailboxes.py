"""Where bounces and complaints arrive: an mbox file, a folder in Maildir form, a folder on an IMAP server.

A mailbox on disk is only read. On a server a message is marked as seen once it was taken in, and only those
not seen are asked for; a folder of its own is best, for what people send there is marked as well.
"""

import imaplib
import mailbox
import ssl
from base64 import b64encode
from collections.abc import Generator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from connectors.errors import AssistantError
from pipelines.settings import ImapSettings, Settings

FIRST_BYTES = 1_048_576  # of each message: what it tells stands before the copy of the mail
MOST_AT_ONCE = 5_000  # messages of a server in one go


def mailboxes(settings: Settings) -> list[Generator[bytes, None, None]]:
    """The messages of each mailbox that the settings name, as they came, cut after `FIRST_BYTES`.

    Each raises AssistantError, while it is read, where its mailbox cannot be.
    """
    found = []
    if settings.mail.bounces:
        found.append(_on_disk(Path(settings.beside_config(settings.mail.bounces))))
    if settings.imap.host:
        found.append(_on_a_server(settings.imap))
    return found


def trouble(settings: Settings) -> AssistantError | None:
    """Why a mailbox cannot be read, None where all can; looks at one message at most and marks none."""
    for messages in mailboxes(settings):
        try:
            next(messages, None)
        except AssistantError as error:
            return error
        finally:
            messages.close()
    return None


def _on_disk(path: Path) -> Generator[bytes, None, None]:
    try:
        box = _opened(path)
        keys = list(box.keys())
    except (OSError, mailbox.Error) as error:
        raise AssistantError(
            f"The bounce mailbox {path} cannot be read: {_reason(error)}.",
            "Correct `bounces` in the section [mail]: an mbox file, or a folder in Maildir form.",
        ) from None
    for key in keys:
        try:
            with box.get_file(key) as file:
                content = file.read(FIRST_BYTES)
        except (KeyError, OSError):  # another program moved or deleted it meanwhile
            continue
        yield content
    box.close()


def _opened(path: Path) -> "mailbox.Maildir | mailbox.mbox":
    if path.is_dir():
        missing = [name for name in ("new", "cur") if not (path / name).is_dir()]
        if missing:
            raise mailbox.FormatError(f"a folder in Maildir form has a folder «{missing[0]}»")
        return mailbox.Maildir(path, create=False)
    return mailbox.mbox(path, create=False)


def _on_a_server(imap: ImapSettings) -> Generator[bytes, None, None]:
    """Yields each unseen message; asking for the next one marks it as seen."""
    server = None
    try:
        server = _connected(imap)
        _done(server.login(imap.user, imap.password.get_secret_value()))
        _done(server.select(_mailbox_name(imap.folder)))
        for uid in _done(server.uid("SEARCH", "UNSEEN"))[0].split()[:MOST_AT_ONCE]:
            number = uid.decode("ascii")
            fetched = _done(server.uid("FETCH", number, f"(BODY.PEEK[]<0.{FIRST_BYTES}>)"))
            yield next((each[1] for each in fetched if isinstance(each, tuple)), b"")
            _done(server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise AssistantError(
            f"The bounce mailbox on {imap.host}:{imap.port} cannot be read: {_reason(error)}.",
            "Check the server and SDA_IMAP_PORT, _USER, _PASSWORD, _TLS and _FOLDER.",
        ) from None
    finally:
        if server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()


def _connected(imap: ImapSettings) -> imaplib.IMAP4:
    """A connection whose certificate and server name are checked, unless none was asked for."""
    context = ssl.create_default_context(cafile=imap.ca or None)
    if imap.tls == "tls":
        return imaplib.IMAP4_SSL(imap.host, imap.port, ssl_context=context, timeout=imap.timeout)
    server = imaplib.IMAP4(imap.host, imap.port, timeout=imap.timeout)
    if imap.tls == "starttls":
        server.starttls(context)
    return server


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server gave; raises imaplib's error where it said no."""
    said, given = answer
    if said != "OK":
        told = b" ".join(each for each in given if isinstance(each, bytes)).decode("utf-8", "replace")
        raise imaplib.IMAP4.error(told or said)
    return [each for each in given if each is not None] or [b""]


def _mailbox_name(name: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""
    written = ""
    for is_plain, letters in groupby(name, lambda letter: " " <= letter <= "~"):
        run = "".join(letters)
        if is_plain:
            written += run.replace("&", "&-")
        else:
            coded = b64encode(run.encode("utf-16-be")).decode("ascii").rstrip("=")
            written += f"&{coded.replace('/', ',')}-"
    escaped = written.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _reason(error: Exception) -> str:
    if isinstance(error, mailbox.NoSuchMailboxError | FileNotFoundError):
        return "it is not there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    told = error.args[0] if error.args else type(error).__name__
    return (told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)).rstrip(".")

"""A small IMAP4rev1 server (RFC 3501) with one folder: as much of it as reading unseen messages needs."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "bounces", 'a "quoted" word'


@dataclass
class Folder:
    """Messages by UID, and what clients did."""

    name: str = "INBOX"
    messages: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def serving(folder: Folder, context: ssl.SSLContext | None = None) -> Iterator[Folder]:
    """Serves `folder` on a free port of loopback, with TLS from the first byte where a context is given."""

    class Talk(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            if context:
                self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline():
                tag, _, command = line.decode("ascii").strip().partition(" ")
                folder.commands.append(command)
                for each in _answers(folder, command):
                    self.wfile.write(each + b"\r\n")
                said = "NO wrong" if _is_refused(folder, command) else "OK done"
                self.wfile.write(f"{tag} {said}\r\n".encode())
                if command == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up on a certificate it does not trust is no trouble of the server."""

    with Server(("127.0.0.1", 0), Talk) as server:
        folder.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield folder
        finally:
            server.shutdown()
            thread.join()


def _is_refused(folder: Folder, command: str) -> bool:
    if command.startswith("LOGIN"):
        return command != r'LOGIN bounces "a \"quoted\" word"'
    return command.startswith("SELECT") and command != f'SELECT "{folder.name}"'


def _answers(folder: Folder, command: str) -> Iterator[bytes]:
    if command == "CAPABILITY":
        yield b"* CAPABILITY IMAP4rev1"
    elif command.startswith("SELECT"):
        yield f"* {len(folder.messages)} EXISTS".encode()
    elif command == "UID SEARCH UNSEEN":
        unseen = [str(uid) for uid in folder.messages if uid not in folder.seen]
        yield " ".join(["* SEARCH", *unseen]).encode()
    elif match := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
        uid, most = int(match[1]), int(match[2])
        content = folder.messages[uid][:most]
        yield f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(content)}}}".encode() + b"\r\n" + content + b")"
    elif match := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
        folder.seen.add(int(match[1]))
    elif command == "LOGOUT":
        yield b"* BYE"

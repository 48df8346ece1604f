"""How an issue lies in the vault: the letter that its readers got alike, and all its files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dashboards.reports.enclosed import Attachment
from dashboards.reports.mail import Letter, letter_of
from dashboards.reports.render import Issue
from dashboards.subscriptions.keeping import vault
from dashboards.subscriptions.keeping.envelopes import Imprint

_SUFFIXES = (".pdf", ".xlsx", ".csv")


@dataclass(frozen=True)
class File:
    """A file of an issue; `travelled` if it came with the mail, else there was a link to it."""

    name: str
    kind: str  # MIME type
    size: int
    travelled: bool


@dataclass(frozen=True, eq=False)
class Kept:
    """An issue that was kept. Whatever is read of it is checked; raises `vault.DamagedError`."""

    source: vault.Opened

    @property
    def files(self) -> tuple[File, ...]:
        """All files that were made, in the order of the mail."""
        return tuple(
            File(
                each["name"],
                each["kind"],
                self.source.members[_file(n, each["name"])]["size"],
                each["attached"],
            )
            for n, each in enumerate(self.source.about["files"])
        )

    def pieces(self, name: str) -> Iterator[bytes]:
        """The contents of the file `name`; raises KeyError where the issue has none of that name."""
        names = [file.name for file in self.files]
        if name not in names:
            raise KeyError(name)
        return self.source.pieces(_file(names.index(name), name))

    @property
    def imprint(self) -> Imprint:
        """What the settings said when it was sent."""
        return Imprint(**self.source.about["imprint"])

    @cached_property
    def letter(self) -> Letter:
        """What all its readers got alike."""
        about, source = self.source.about, self.source
        return Letter(
            subject=about["subject"],
            organisation=about["organisation"],
            language=about["language"],
            html=source.read("page.html").decode(),
            text=source.read("page.txt").decode(),
            key=about["key"],
            pictures={name: source.read(_picture(n)) for n, name in enumerate(about["pictures"])},
            attachments=tuple(
                Attachment(file.name, file.kind, b"".join(self.pieces(file.name)))
                for file in self.files
                if file.travelled
            ),
        )


def put(folder: Path, issue: Issue, imprint: Imprint) -> Path:
    """Keeps an issue, sent with this imprint; gives its path within `folder`."""
    letter = letter_of(issue)
    about = {**_about(letter, issue.files), "imprint": asdict(imprint)}
    return vault.put(folder, about, _members(letter, issue.files))


def opened(path: Path) -> Kept:
    """The issue at `path`."""
    return Kept(vault.opened(path))


def _about(letter: Letter, files: Sequence[Attachment]) -> Mapping[str, Any]:
    attached = {file.name for file in letter.attachments}
    return {
        "subject": letter.subject,
        "organisation": letter.organisation,
        "language": letter.language,
        "key": letter.key,
        "pictures": list(letter.pictures),
        "files": [
            {"name": file.name, "kind": file.kind, "attached": file.name in attached} for file in files
        ],
    }


def _members(letter: Letter, files: Sequence[Attachment]) -> Mapping[str, bytes]:
    return {
        "page.html": letter.html.encode(),
        "page.txt": letter.text.encode(),
        **{_picture(number): png for number, png in enumerate(letter.pictures.values())},
        **{_file(number, file.name): file.content for number, file in enumerate(files)},
    }


def _picture(number: int) -> str:
    return f"pictures/{number}.png"


def _file(number: int, name: str) -> str:
    """Numbered: a name that came from data is no path here."""
    suffix = Path(name).suffix
    return f"files/{number}{suffix if suffix in _SUFFIXES else ''}"

"""Brings the marked words of `dashboards/` into the catalogues: `python -m dashboards.update_catalogue`.

New words arrive untranslated, words that are gone are dropped, translations are kept. Nothing is guessed:
a translation is never carried over to a similar sentence.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from dashboards.wording import LANGUAGES, SOURCE_LANGUAGE, catalogue_file

ROOM = Path(__file__).parent
_MARKS = {"_": None, "say": None}


def marked_words(room: Path = ROOM) -> Iterator[tuple[str, str]]:
    """Every `(file, words)` in `_("…")` or `say("…")` of the Python files under `room`, in order."""
    for file in sorted(room.rglob("*.py")):
        for _line, message, _comments, _context in extract_from_file("python", file, keywords=_MARKS):
            if message not in LANGUAGES:  # `say("en")` speaks a language
                yield file.relative_to(room.parent).as_posix(), str(message)


def update(language: str) -> Catalog:
    """Rewrites the catalogue of `language` to hold exactly the marked words, and returns it."""
    path = catalogue_file(language)
    known: dict[str, str] = {}
    if path.exists():
        with path.open("rb") as stream:
            known = {str(message.id): str(message.string or "") for message in read_po(stream)}
    # A fixed header: the file changes only when its words do.
    catalogue = Catalog(locale=language, header_comment=f"# {LANGUAGES[language]}", fuzzy=False)
    for file, words in marked_words():
        # No line numbers: they would change with every edit of the code.
        catalogue.add(words, known.get(words, ""), locations=[(file, 0)])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as output:
        write_po(output, catalogue, omit_header=True, include_lineno=False, sort_output=False, width=100)
    return catalogue


def main() -> None:
    """Updates every catalogue and says how many words are left to translate."""
    for language in LANGUAGES:
        if language != SOURCE_LANGUAGE:
            catalogue = update(language)
            missing = [str(message.id) for message in catalogue if message.id and not message.string]
            sys.stdout.write(f"{language}: {len(catalogue)} texts, {len(missing)} to translate\n")
            sys.stdout.writelines(f"  {text!r}\n" for text in missing)


if __name__ == "__main__":
    main()

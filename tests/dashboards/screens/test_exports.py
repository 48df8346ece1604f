"""Whatever is a table on a page can be taken away as a file."""

import re
from pathlib import Path

import dashboards

ROOT = Path(dashboards.__file__).parent
DRAWN = re.compile(r"\bst\.(dataframe|table)\(")
# Where a table may be drawn by hand, and why.
BY_HAND = {
    "screens/parts/export.py": "the one way, with the button",
    "screens/parts/known.py": "names and values of one thing, no rows",
    "screens/parts/timing.py": "the next moments of a form that is being filled in",
    "screens/explore/listing.py": "the ranked list; `export_cases` gives all of its rows",
}


def test_every_table_of_a_page_can_be_taken_away() -> None:
    drawn = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if DRAWN.search(path.read_text(encoding="utf-8"))
    }
    assert drawn == set(BY_HAND)

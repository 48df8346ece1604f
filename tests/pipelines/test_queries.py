"""Parameters written out mean what they meant: never in a text, never in a name."""

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.queries import with_literals
from pipelines.records import quoted_column

NAMES = st.text(st.sampled_from("a$v0'\" x"), min_size=1, max_size=6)
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6)
DATABASE = duckdb.connect(config={"threads": 1})


@settings(deadline=None)
@given(name=NAMES, fixed=st.text(st.sampled_from("a$v0' x"), max_size=6), first=TEXTS, second=TEXTS)
def test_parameters_are_found_outside_of_texts_and_names(
    name: str, fixed: str, first: str, second: str
) -> None:
    held = fixed.replace("'", "''")
    sql = f"SELECT $v0 AS {quoted_column(name)}, '{held}' AS held, $v1 AS other"
    given_ = {"v0": first, "v1": second}
    with DATABASE.cursor() as connection:
        assert connection.execute(with_literals(sql, given_)).fetchall() == [(first, fixed, second)]

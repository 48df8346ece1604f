"""Two columns may be called the same: both stay in the table."""

from hypothesis import given
from hypothesis import strategies as st

from dashboards.headings import headed


@given(st.lists(st.sampled_from(["Score", "Score ", "Band", ""])))
def test_no_column_is_lost_and_each_looks_as_it_is_called(names: list[str]) -> None:
    table = headed((name, [place]) for place, name in enumerate(names))
    assert list(table.values()) == [[place] for place in range(len(names))]
    assert [heading.strip() for heading in table] == [name.strip() for name in names]

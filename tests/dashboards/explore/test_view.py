"""A view and its address are one: what is asked for survives being shared."""

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from dashboards.explore.view import Against, Range, View, is_of_a_view, view_in, view_of

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
columns = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True)
bounds = st.sampled_from(["", "0", "-1.5", "1e3", "2026-01-31"])
ranges = st.builds(Range, bounds, bounds).filter(lambda wanted: wanted != Range())
against = st.none() | st.builds(Against, st.sampled_from(["day", "version"]), words)
against |= st.builds(Against, st.just("segment"), words, columns)
views = st.builds(
    View,
    search=words.map(str.strip),
    choices=st.dictionaries(
        columns, st.sets(words | st.just(""), min_size=1).map(lambda values: tuple(sorted(values)))
    ).map(lambda found: tuple(sorted(found.items()))),
    ranges=st.dictionaries(columns, ranges).map(
        lambda found: tuple(sorted(found.items(), key=lambda e: e[0]))
    ),
    sort=columns,
    columns=st.lists(columns | st.sampled_from(["a,b", "50%2C", "中文"]), unique=True).map(tuple),
    day=words,
    against=against,
    work=st.sampled_from(["", "open", "mine", "done"]),
)


@given(views)
def test_a_view_is_found_again_from_its_address(view: View) -> None:
    assert view_of(view.query()) == view
    assert all(is_of_a_view(name) for name, _value in view.address())


@given(st.text(max_size=80))
def test_any_text_is_a_view(query: str) -> None:
    view = view_of(query)
    assert view_of(view.query()) == view


def test_a_column_that_is_compared_by_may_have_any_name() -> None:
    for column in ("a:b", "a%3Ab", "100%"):
        view = View(against=Against("segment", "x:y", column))
        assert view_of(view.query()) == view


@given(views, columns, words)
def test_a_click_twice_changes_nothing(view: View, column: str, value: str) -> None:
    once = view.toggling(column, value)
    assert (value in once.chosen(column)) != (value in view.chosen(column))
    assert set(once.toggling(column, value).chosen(column)) == set(view.chosen(column))
    assert once.without(column) == view.without(column)
    assert once.within(column, Range("1", "2")).within(column, Range()).range_of(column) == Range()


def test_names_of_others_are_passed_over_and_nonsense_is_left_out() -> None:
    given_address = {
        **parse_qs("lang=zh&only.depot=D1&f.=x&r.amount=5&work=all&vs=segment:"),
        "r.b": ["x" * 900],
    }
    assert view_in(given_address) == View()
    assert not View().is_filtered
    assert View().address() == []


def test_a_long_value_is_asked_for_and_one_cut_short_is_not_let_go_of() -> None:
    assert view_in({"f.a": ["x" * 5000]}).chosen("a") == ("x" * 5000,)
    assert view_in({"f.a": ["x" * 99_999], "f.b": ["\0"], "r.c": ["9" * 900 + ".."]}).filtered_columns == (
        *("a", "b", "c"),
    )

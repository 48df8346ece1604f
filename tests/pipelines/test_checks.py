"""A batch against its contract: every row is clean or broken, with the rule it broke."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import AssistantError
from pipelines.checks import check, matched_columns
from pipelines.contract import Column, Contract

CONTRACT = Contract(
    "shop.orders",
    (
        Column("id", "integer"),
        Column("amount", "number", minimum=0, maximum=100, aliases=("Betrag",)),
        Column("day", "date", minimum="2020-01-01"),
        Column("kind", allowed=("a", "b")),
        Column("code", pattern="^[A-Z]{2}$"),
    ),
    key=("id",),
)


def broken_rules(**values: str) -> list[tuple[str, str]]:
    row = {"id": "1", "amount": "5", "day": "2024-01-01", "kind": "a", "code": "AB"} | values
    checked = check(pl.DataFrame([row]), CONTRACT)
    assert checked.clean.height + checked.broken.height == 1
    return list(checked.broken.select("rule", "column").iter_rows())


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("id", "", "required"),
        ("id", "one", "type"),
        ("amount", "-1", "range"),
        ("amount", "100.01", "range"),
        ("amount", "inf", "finite"),
        ("day", "2019-12-31", "range"),
        ("day", "soon", "type"),
        ("kind", "c", "allowed"),
        ("code", "abc", "pattern"),
    ],
)
def test_each_rule(column, value, rule):
    assert broken_rules(**{column: value or None}) == [(rule, column)]


@pytest.mark.parametrize("placeholder", ["?", "NA", "null", "-", " "])
def test_words_for_no_value_are_missing_not_wrong(placeholder):
    assert broken_rules(amount=placeholder) == []


def test_blanks_around_a_text_break_no_rule_and_alone_they_are_no_value():
    assert broken_rules(kind=" a ", code="AB ") == []
    contract = Contract("shop.notes", (Column("id"), Column("note", required=True)), key=("id",))
    checked = check(pl.DataFrame({"id": [" A1", "A2 "], "note": [" as  it came ", "  "]}), contract)
    assert checked.clean.select("id", "note").rows() == [("A1", "as  it came")]
    (refused,) = checked.broken.iter_rows(named=True)
    assert (refused["rule"], refused["column"]) == ("required", "note")
    assert json.loads(refused["record"]) == {"id": "A2 ", "note": "  "}  # as it came


def test_a_row_with_several_faults_is_one_record_with_all_reasons():
    checked = check(pl.DataFrame([{"id": "x", "amount": "-1", "kind": "c"}]), CONTRACT)
    (record,) = checked.broken.iter_rows(named=True)
    assert record["rule"] == "type"
    assert record["reason"] == "id is not a whole number; amount is below 0; kind is none of a, b"
    assert json.loads(record["record"]) == {"id": "x", "amount": "-1", "kind": "c"}


def test_columns_are_found_by_alias_and_in_any_case():
    assert matched_columns(CONTRACT, [" ID", "betrag", "other"]) == {"id": " ID", "amount": "betrag"}


def test_a_missing_key_column_says_what_to_do():
    with pytest.raises(AssistantError, match="aliases"):
        check(pl.DataFrame({"amount": ["1"]}), CONTRACT)


@given(
    st.lists(
        st.fixed_dictionaries({name: st.none() | st.text(max_size=8) for name in CONTRACT.names}), min_size=1
    )
)
def test_rows_in_are_rows_clean_and_broken_for_any_text(rows):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(CONTRACT.names, pl.String))
    checked = check(frame, CONTRACT, first_row=100)
    numbers = [*checked.clean["_row"], *checked.broken["_row"]]
    assert sorted(numbers) == list(range(100, 100 + len(rows)))
    assert all(json.loads(record) for record in checked.broken["record"])

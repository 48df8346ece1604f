"""Units of measurements: known conversions, round trips, and what is refused."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.medical.units import QUANTITIES, Quantity, to_canonical

MEASURES = [(quantity, unit) for quantity in QUANTITIES for unit in quantity.units]


def observations(*rows: tuple[str, float | None, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows, schema={"code": pl.String, "value": pl.Float64, "unit": pl.String}, orient="row"
    )
    return frame.with_row_index("_row").cast({"_row": pl.Int64}).with_columns(note=pl.lit("kept"))


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected", "canonical"),
    [
        ("2345-7", 126.0, "mg/dL", 6.99, "mmol/L"),
        ("14749-6", 7.0, "mmol/L", 7.0, "mmol/L"),
        ("2093-3", 200.0, "mg/dL", 5.17, "mmol/L"),
        ("2571-8", 150.0, "mg/dL", 1.69, "mmol/L"),
        ("2160-0", 1.0, "mg/dL", 88.40, "umol/L"),
        ("59261-8", 48.0, "mmol/mol", 6.54, "%"),
        ("29463-7", 150.0, "[lb_av]", 68.04, "kg"),
        ("8302-2", 70.0, "[in_i]", 177.8, "cm"),
        ("8310-5", 98.6, "[degF]", 37.0, "Cel"),
    ],
)
def test_conversions_known_from_the_textbook(
    code: str, value: float, unit: str, expected: float, canonical: str
) -> None:
    converted, problems = to_canonical(observations((code, value, unit)))
    assert problems.is_empty()
    assert converted["value"].item() == pytest.approx(expected, abs=0.006)
    assert converted["unit"].item() == canonical


@given(st.sampled_from(MEASURES), st.floats(0.001, 0.999))
def test_there_and_back_is_where_one_began(measure: tuple[Quantity, str], place: float) -> None:
    quantity, unit = measure
    factor, offset = quantity.units[unit]
    wanted = quantity.lowest + place * (quantity.highest - quantity.lowest)
    converted, problems = to_canonical(observations((quantity.loinc[0], (wanted - offset) / factor, unit)))
    assert problems.is_empty()
    assert converted["value"].item() == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("unit", ["furlong", "MG/DL", None])
def test_a_unit_that_is_unknown_or_missing_is_a_problem_of_its_row(unit: str | None) -> None:
    _, problems = to_canonical(observations(("2345-7", 99.0, "mg/dL"), ("2345-7", 99.0, unit)))
    assert problems.select("_row", "rule", "column").rows() == [(1, "unit", "unit")]
    assert "2345-7" in problems["reason"].item()


def test_a_value_that_no_patient_can_show_is_a_problem() -> None:
    _, problems = to_canonical(observations(("2345-7", 5400.0, "mmol/L"), ("8310-5", 37.0, "[degF]")))
    assert problems.select("_row", "rule", "column").rows() == [(0, "range", "value"), (1, "range", "value")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2345-7", "8867-4", "99999-9", "72166-2"]),
            st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
            st.none() | st.sampled_from(["mg/dL", "mmol/L", "/min", "{score}"]),
        )
    )
)
def test_rows_keep_their_number_order_and_other_columns(
    rows: list[tuple[str, float | None, str | None]],
) -> None:
    given_rows = observations(*rows)
    converted, problems = to_canonical(given_rows)
    assert converted.columns == given_rows.columns
    assert converted.select("_row", "code", "note").equals(given_rows.select("_row", "code", "note"))
    assert set(problems["_row"]) <= set(given_rows["_row"])
    measured = {code for quantity in QUANTITIES for code in quantity.loinc}
    strangers = [code not in measured for code, _, _ in rows]
    assert converted.filter(strangers).equals(given_rows.filter(strangers))


def test_no_code_measures_two_quantities() -> None:
    codes = [code for quantity in QUANTITIES for code in quantity.loinc]
    assert len(codes) == len(set(codes))

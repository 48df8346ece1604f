"""Value sets: which codes mean a condition, in Python and in SQL alike."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import UsageError
from pipelines.medical.contracts import ATC, ICD_10, ICD_10_CM, SNOMED
from pipelines.medical.value_sets import value_set, value_sets, value_sets_sql


@pytest.mark.parametrize(
    ("system", "code", "belongs"),
    [
        (SNOMED, "44054006", True),
        (SNOMED, "440540061", False),
        (ICD_10, "E11", True),
        (ICD_10_CM, "E11.65", True),
        (ICD_10, "E1", False),
        (ICD_10, "E10.9", False),
        (SNOMED, "E11.9", False),
    ],
)
def test_type_2_diabetes_by_code_system_and_prefix(system: str, code: str, belongs: bool) -> None:
    assert value_set("type-2-diabetes").contains(system, code) is belongs


def test_an_unknown_condition_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="type-2-diabetes"):
        value_set("type2diabetes")


def test_every_set_has_codes_and_words_in_both_languages() -> None:
    for each in value_sets().values():
        assert each.codes
        assert each.label.keys() == {"en", "zh"}


@given(
    st.sampled_from([SNOMED, ICD_10, ATC, "urn:other"]),
    st.sampled_from(["E11", "E78", "44054006", "C10AA", "C0", "I1"]),
    st.text("0123456789.A", max_size=3),
)
def test_sql_and_python_agree(system: str, start: str, rest: str) -> None:
    code = start + rest
    found = duckdb.execute(
        f"SELECT DISTINCT name FROM ({value_sets_sql()}) WHERE code_system = $system"
        " AND starts_with($code, code) AND (is_prefix OR code = $code)",
        {"system": system, "code": code},
    ).fetchall()
    assert {name for (name,) in found} == {
        each.name for each in value_sets().values() if each.contains(system, code)
    }

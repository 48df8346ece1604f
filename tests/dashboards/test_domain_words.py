"""What a domain says of itself reaches every task of it, and no other."""

import pytest

from dashboards.domain_words import code_in_words, codes_of, notice_of, purpose_of
from dashboards.wording import say


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ("finance.credit_default", "a loan defaults"),
        ("logistics.late_delivery", "a shipment arrives after"),
        ("logistics.vehicle_breakdown", "a vehicle breaks down"),
        ("logistics.stop_arrival", "a vehicle will reach a stop"),
    ],
)
def test_a_task_has_the_purpose_that_is_its_own(task: str, told: str) -> None:
    assert told in purpose_of(task, say("en"))
    assert purpose_of(task, say("zh")) != purpose_of(task, say("en"))


@pytest.mark.parametrize("task", ["own.table.target", "finance.another", "../../etc.passwd", ""])
def test_a_task_that_no_domain_speaks_of_has_no_words(task: str) -> None:
    assert purpose_of(task, say("en")) == ""


def test_only_the_clinic_warns() -> None:
    assert "not a diagnosis" in notice_of("medical", say("en"))
    assert notice_of("finance", say("en")) == ""


def test_codes_are_said_in_words_and_unknown_ones_without_underscores() -> None:
    codes = codes_of("finance", say("zh"))

    assert code_in_words("car", codes) == "购车"
    assert code_in_words("new_code", codes) == "new code"
    assert code_in_words("Ana_B", codes) == "Ana_B"
    assert codes_of("own", say("en")) == {}

"""Reasons of plans and proposals: whatever numbers come along, a whole sentence in both languages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.domains.logistics.plan_words import because, kind_of_reason, proposal, unserved_reason
from dashboards.wording import say

BERLIN = "Europe/Berlin"
BINDS = ("window", "capacity", "skill", "shift", "distance", "fleet", "prize")
WHY = (
    *("below_point", "runs_out", "covers", "budget", "nothing_sold", "not_worth", "no_forecast"),
    "something else",
)
ROW = {
    "quantity": 40, "on_hand": 12.0, "on_order": 0.0, "reorder_point": 30.4, "expected_demand": 25.2,
    "days_left": 2.14, "lead_days": 6.0, "why": "runs_out", "wanted": 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("binds", "detail", "told"),
    [
        (
            "window",
            {"earliest": "2026-11-02T09:20:00", "closes": "2026-11-02T09:00:00"},
            "No vehicle can be there before 10:20, and it closes at 10:00.",
        ),
        (
            "capacity",
            {"vehicles": 8, "vehicle": "V3", "dimension": "kg", "needs": 900, "free": 120.5},
            "It needs 900 kg; V3, where it fits best, has 120 kg left.",
        ),
        (
            "skill",
            {"missing": ["tail_lift"], "and": ["window"]},
            "No vehicle has what it needs: tail lift. Also in the way: time window.",
        ),
        (
            "capacity",
            {"dimension": "kg", "needs": 900, "or": ["skill"]},
            "There is not room enough for it. It would fit as well without: equipment.",
        ),
        ("shift", {"needs_hours": 9.5, "most_hours": None}, "It does not fit into a shift."),
        ("prize", {"prize": 12.5, "cost": 30}, "The way there would cost 30; serving it is worth 12.5."),
        ("new rule", {}, "It did not fit into the plan."),
    ],
)
def test_a_reason_quotes_the_numbers_that_bind(binds: str, detail: dict[str, object], told: str) -> None:
    assert unserved_reason(binds, json.dumps(detail), "en", BERLIN) == told


NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("earliest", "closes", "back", "ends"), st.datetimes().map(lambda m: m.isoformat())),
        **dict.fromkeys(("needs", "most", "free", "prize", "cost"), st.floats(0, 1e6) | st.none()),
        "missing": st.lists(st.text(), max_size=3),
        "vehicle": st.text(),
        "dimension": st.text(),
        "amounts": st.dictionaries(st.text(), st.floats(0, 1e6), max_size=3),
        "and": st.lists(st.sampled_from(BINDS), max_size=2),
    },
)


@given(st.sampled_from(BINDS), NUMBERS, st.sampled_from(["en", "zh"]))
def test_every_reason_is_a_whole_sentence(binds: str, numbers: dict[str, object], language: str) -> None:
    told = unserved_reason(binds, json.dumps(numbers), language, "UTC")
    assert told.endswith({"en": ".", "zh": "。"}[language])
    assert "None" not in told


def test_moments_of_several_days_are_told_with_their_dates() -> None:
    detail = {"opens": "2026-11-03T05:00:00", "closes": "2026-11-03T06:00:00", "ends": "2026-11-02T15:00:00"}
    told = unserved_reason("window", json.dumps(detail), "en", "Europe/Berlin")
    assert "between 2026-11-03 06:00 and 2026-11-03 07:00" in told
    assert "back by 2026-11-02 16:00" in told


@pytest.mark.parametrize("why", WHY)
def test_a_proposal_says_what_to_order_and_why(why: str) -> None:
    row = {**ROW, "why": why}
    told = because(row, "en")
    assert proposal(row, "Paper {A4}", "en") == f"Order 40 of Paper {{A4}} today, because {told}."
    assert proposal({**row, "quantity": 0}, "X", "en").startswith("Order no X today, because ")
    assert proposal(row, "纸", "zh").startswith("今日订购“纸” 40 件，因为")
    assert "{" not in told + because(row, "zh")


def test_what_never_runs_out_has_no_days_left() -> None:
    assert "–" in because({**ROW, "days_left": None}, "en")


def test_every_kind_of_reason_has_a_name_in_chinese() -> None:
    assert all(kind_of_reason(binds, say("zh")) != kind_of_reason(binds, say("en")) for binds in BINDS)

"""What is said of a model: complete where the figures are, silent where they are not."""

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.charts import paper, screen
from dashboards.charts.chart import Chart
from dashboards.models import decision, fairness, history, importance, leaderboard, trust, watching
from dashboards.models.subject import Subject
from dashboards.reports.report import Paragraph, Section, Table
from dashboards.wording import say
from tests.dashboards import model_document as document
from tests.dashboards.models.conftest import TASK, TRAINED, Tell

PARTS = (leaderboard, trust, decision, fairness, importance, watching)


def sections(subject: Subject) -> list[Section]:
    return [section for part in PARTS for section in part.sections(subject)]


def words(shown: Iterable[Section]) -> str:
    lines = []
    for section in shown:
        match section:
            case Paragraph():
                lines += [section.title, section.text]
            case Chart():
                lines += [section.title, section.sentence]
            case Table():
                lines += [section.title, *(str(cell) for row in section.frame.rows() for cell in row)]
    return "\n".join(lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_is_drawn_on_screen_and_on_paper(tell: Tell, language: str) -> None:
    charts = [each for each in sections(tell(language)) if isinstance(each, Chart)]

    names = [each.name for each in charts]
    assert names[:4] == ["leaderboard", "reliability", "costs", "benefit"]
    assert names[4:] == ["fairness-gender", "fairness-age_years", "importance"]
    for chart in charts:
        assert paper.draw(chart, language).png
        assert screen.draw(chart, language).data


def test_the_chosen_candidate_is_marked_in_chart_and_table(tell: Tell) -> None:
    told = leaderboard.sections(tell())
    chart = next(each for each in told if isinstance(each, Chart))
    table = next(each for each in told if isinstance(each, Table))

    assert chart.data.filter(chart.data["state"] == "chosen")["name"].to_list() == ["Boosted trees"]
    assert [cell.startswith("★") for cell in table.frame["Candidate"]] == [True, *[False] * 4]
    assert table.frame["Note"].to_list()[-1] == "not tried: too little time"
    assert chart.data.row(2, named=True)["low"] == -0.0004  # the transformer, no worse beyond chance


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("forward in time", "earlier cases"),
        ("5 folds", "on 5 parts in turn,"),
        ("3 x 5 folds", "on 5 parts in turn, 3 times over"),
        ("another way", "another way"),
    ],
)
def test_the_validation_is_said_in_words(tell: Tell, way: str, told: str) -> None:
    figures = document.metrics() | {"choice": {"validation": way, "rows": 500, "rule": ""}}

    assert told in leaderboard.rule(tell("en", figures))


def test_other_costs_move_threshold_and_curve(tell: Tell) -> None:
    subject = tell()
    stated = decision.stated(subject)
    moved = decision.with_costs(subject, miss=20, false_alarm=1)
    same = decision.with_costs(subject, miss=5, false_alarm=1)

    assert stated is not None
    assert moved is not None
    assert same is not None
    assert moved.threshold == pytest.approx(1 / 21)
    row = moved.curve.filter(moved.curve["threshold"] == 0.5).row(0, named=True)
    assert row["expected_cost"] == pytest.approx(20 * row["missed"] + row["false_alarms"])
    assert moved.nobody == pytest.approx(20 * 0.092)  # every event is missed
    assert moved.everyone == stated.everyone
    assert same.curve["expected_cost"].to_list() == pytest.approx(stated.curve["expected_cost"].to_list())


def test_a_version_without_the_shares_keeps_the_stated_costs(tell: Tell) -> None:
    figures = document.metrics()
    del figures["decision"]["curve"]["missed"]
    subject = tell("en", figures)

    assert decision.with_costs(subject, 20, 1) is None
    assert "16.7%" in words(decision.sections(subject))


def test_groups_too_small_are_told_and_not_drawn(tell: Tell) -> None:
    told = fairness.of_attribute(tell(), "gender")
    chart = next(each for each in told if isinstance(each, Chart))

    assert chart.data["group"].to_list() == ["female", "male"]
    assert f"{document.HOSTILE} (5)" in words(told)


def test_groups_whose_intervals_lie_apart_are_said_to_differ(tell: Tell) -> None:
    assert "no more than chance" in words(fairness.of_attribute(tell(), "gender"))
    assert "«18–29» and «60+» differ by more" in words(fairness.of_attribute(tell(), "age_years"))


@pytest.mark.parametrize("verdict", ["fine", "watch", "act"])
def test_a_verdict_is_told_with_what_moved(tell: Tell, verdict: str) -> None:
    given_check = document.check(TASK.name, verdict, at=TRAINED)
    subject = Subject(TASK, tell().version, "en", "UTC", given_check)
    told = watching.sections(subject)

    assert isinstance(told[0], Paragraph)
    assert told[0].kind == ("plain" if verdict == "fine" else "notice")
    assert ("Moved: «Income" in told[0].text) is (verdict != "fine")
    assert "10.4 had the event; 9.1 were expected" in words(told)
    assert "0.791 (0.740 to 0.840)" in words(told)


def test_an_unchecked_version_says_so(tell: Tell) -> None:
    assert "not been checked" in words(watching.sections(tell(checked=False)))


def test_all_versions_are_listed_with_their_state(tell: Tell) -> None:
    rejected = document.version(TASK.name, {}, version="older", state="rejected", created_at=TRAINED)
    (table,) = history.sections(tell(), [tell().version, rejected])

    assert isinstance(table, Table)
    assert table.frame["State"].to_list() == ["in service", "not promoted"]
    assert table.frame["AUROC on the test cases"].to_list() == ["0.812 (0.795 to 0.829)", "–"]


def test_chinese_sections_hold_no_english_sentence(tell: Tell) -> None:
    english = words(sections(tell("en"))).splitlines()
    chinese = set(words(sections(tell("zh"))).splitlines())

    assert not [line for line in english if line in chinese and say("zh")(line) != line]


PATHS = [
    (name, key)
    for name, part in document.metrics().items()
    for key in [None, *(part if isinstance(part, dict) else [])]
]


@settings(max_examples=40)
@given(st.sets(st.sampled_from(PATHS)), st.sampled_from(["absent", None, {}, []]))
def test_figures_that_are_missing_say_nothing_and_break_nothing(
    gone: set[tuple[str, str | None]], instead: Any
) -> None:
    figures = _without(gone, instead)
    version = document.version(TASK.name, figures, created_at=TRAINED)
    subject = Subject(TASK, version, "en", "UTC", document.check(TASK.name, at=TRAINED))

    assert "nan" not in words(sections(subject))


def _without(gone: set[tuple[str, str | None]], instead: Any) -> dict[str, Any]:
    """All figures but these."""
    figures = copy.deepcopy(document.metrics())
    for name, key in gone:
        holder = figures if key is None else figures.get(name)
        place = name if key is None else key
        if isinstance(holder, dict):
            holder.pop(place, None)
            if instead != "absent":
                holder[place] = copy.deepcopy(instead)
    return figures


def test_a_version_of_an_older_release_has_no_sections(tell: Tell) -> None:
    assert sections(tell("en", {"test": {"auroc": 0.8}}, checked=False))[:-1] == []

"""Exploring the cases of a task: the address says what is shown, and every way to narrow it can be undone."""

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.explore import board_files
from dashboards.numbers import integer, percent, points
from dashboards.screens.explore import charts, filters, headlines, more_filters
from dashboards.worklist import items
from pipelines.settings import Settings
from pipelines.store import now
from tests.dashboards.screens.conftest import CASES, NAME_OF_NOBODY, Visit, plain

SCORES = {f"L{n:03d}": 0.98 * ((n / CASES + 0.3) % 1.0) for n in range(CASES)}
BEFORE = {f"L{n:03d}": 0.98 * (n / CASES) for n in range(CASES)}


def _listed(app: AppTest) -> list[str]:
    """The identifiers in the ranked list, as shown."""
    return [str(value) for value in app.dataframe[0].value.iloc[:, 0]]


def _ranked(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda entity: (-scores[entity], entity))


def _chips(app: AppTest) -> list[str]:
    return [
        button.label.replace("\\", "") for button in app.button if str(button.key).startswith("drop-filter")
    ]


def _address(app: AppTest) -> dict[str, list[str]]:
    params = app.query_params.items()
    return {name: [values] if isinstance(values, str) else list(values) for name, values in params}


def _came_by(app: AppTest, address: dict[str, list[str]]) -> None:
    """The next thing the browser says comes with this address."""
    app.query_params.clear()
    app.query_params.update(address)


def test_the_address_says_what_is_shown(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", **{"f.purpose": "car", "q": "l00", "r.amount": "1002..", "sort": "amount"})

    assert not app.error
    assert _listed(app) == ["L002", "L004", "L006", "L008"]
    assert "**4** of 45 cases" in plain(app)
    assert _chips(app) == ["number begins with «l00»", "Purpose: car", "Amount: from 1,002"]
    (link,) = (each.value for each in app.code)
    assert link.endswith("/finance?f.purpose=car&q=l00&r.amount=1002..&sort=amount")


def test_the_file_of_a_chart_names_the_filters_that_its_numbers_obey(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        charts, "show_figure", lambda _here, chart, **given: told.update({chart.name: given.get("told")})
    )
    visit("finance", **{"f.band": "high", "f.purpose": "car"})

    day = "Data as of: Oct 30, 2026"
    assert told["bands"] == [day, "Purpose: car"]
    assert told["scores"] == [day, "Band: High", "Purpose: car"]


def test_what_a_person_chooses_stands_in_the_address(full_home: Settings, visit: Visit) -> None:
    app = visit("finance")
    app.multiselect("filter-purpose").set_value(["car"]).run()
    app.text_input("filter-search").set_value("*4").run()

    expected = {
        entity: score for entity, score in SCORES.items() if int(entity[1:]) % 2 == 0 and "4" in entity
    }
    assert _address(app) == {"f.purpose": ["car"], "q": ["*4"]}
    assert _listed(app) == _ranked(expected)


@pytest.mark.usefixtures("full_home")
def test_who_acts_twice_before_the_first_is_answered_gets_both(visit: Visit) -> None:
    app = visit("finance")
    app.text_input("filter-search").set_value("*4").run()
    _came_by(app, {})  # the browser had not heard of the first yet
    app.multiselect("filter-purpose").set_value(["car"]).run()
    assert _address(app) == {"f.purpose": ["car"], "q": ["*4"]}
    _came_by(app, {"q": ["*4"]})  # nor of the second
    app.selectbox("explore-sort").set_value("amount").run()
    assert _address(app) == {"f.purpose": ["car"], "q": ["*4"], "sort": ["-amount"]}


@pytest.mark.usefixtures("full_home")
def test_the_way_back_leads_back_and_on_from_there(visit: Visit) -> None:
    app = visit("finance")
    app.text_input("filter-search").set_value("*4").run()
    _came_by(app, {})
    app.run()  # what a browser does on the way back: another address, and no widget was changed
    assert app.text_input("filter-search").value == ""
    app.multiselect("filter-purpose").set_value(["car"]).run()
    assert _address(app) == {"f.purpose": ["car"]}


def test_a_chip_drops_its_filter_and_one_button_drops_all(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", **{"f.purpose": "car", "q": "L00"})
    app.button("drop-filter-0").click().run()
    assert _address(app) == {"f.purpose": ["car"]}

    app = visit("finance", **{"f.purpose": "car", "q": "L00", "sort": "amount"})
    app.button("drop-all-filters").click().run()
    assert _address(app) == {"sort": ["amount"]}
    assert not _chips(app)


def test_the_next_page_goes_on_where_the_one_before_ended(full_home: Settings, visit: Visit) -> None:
    app = visit("finance")
    seen = _listed(app)
    for first, last in ((21, 40), (41, 45)):
        app.button("page-after").click().run()
        assert f"{first}–{last} of 45" in plain(app)
        seen += _listed(app)

    assert seen == _ranked(SCORES)
    assert app.button("page-after").disabled
    app.button("page-before").click().run()
    assert _listed(app) == _ranked(SCORES)[20:40]
    app.multiselect("filter-purpose").set_value(["car"]).run()  # a new question starts on its first page
    assert "1–20 of 23" in plain(app)


def test_any_column_that_is_shown_can_order_the_list(full_home: Settings, visit: Visit) -> None:
    app = visit("finance")
    app.selectbox("explore-sort").set_value("amount").run()
    assert _address(app) == {"sort": ["-amount"]}
    assert _listed(app)[:2] == ["L044", "L043"]

    app.get_by_key("explore-way").set_value("up").run()
    assert _address(app) == {"sort": ["amount"]}
    assert _listed(app)[:2] == ["L000", "L001"]


def test_figures_tell_the_change_since_the_scoring_before(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", **{"f.purpose": "car"})
    cars = [entity for entity in SCORES if int(entity[1:]) % 2 == 0]
    now, before = (sum(scores[each] for each in cars) / len(cars) for scores in (SCORES, BEFORE))
    figures = {metric.label: (metric.value, metric.delta) for metric in app.metric}

    assert figures["Applications, 90 days"] == (integer(len(cars), "en"), "±0")
    assert figures["Mean score"] == (percent(now, "en"), points(now - before, "en"))


def test_of_many_cases_the_change_is_told_once_the_day_before_was_laid_out(
    own_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "_AT_ONCE", CASES - 1)
    for board in board_files.all_of(own_home):
        board.unlink()
    assert {metric.delta for metric in visit("finance").metric} == {""}
    visit("finance", day="2026-10-29")
    changed = (sum(SCORES.values()) - sum(BEFORE.values())) / CASES
    figures = {metric.label: metric.delta for metric in visit("finance").metric}
    assert figures["Mean score"] == points(changed, "en")


def test_another_scored_day_can_be_chosen(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", day="2026-10-29")
    assert _listed(app)[0] == max(BEFORE, key=lambda entity: BEFORE[entity])

    gone = visit("finance", day="2020-01-01")
    assert "Nothing was scored for 2020-01-01 (any more)" in plain(gone)
    assert _listed(gone)[0] == _ranked(SCORES)[0]


def test_a_value_or_a_column_that_is_gone_is_said_with_a_way_out(full_home: Settings, visit: Visit) -> None:
    long, address = "x" * 5000, {"f.colour": "red", "sort": "weight", "r.amount": "1001..ten"}
    app = visit("finance", **address, **{"f.purpose": ["boat", long]})

    assert not app.error
    assert f"There is no Purpose «boat», «{long[:79]}…» (any more)." in plain(app)
    assert "cannot filter or sort by «colour», «weight», «amount: ten» (any more)" in plain(app)
    assert "Amount: from 1,001" in _chips(app)  # what is left out stands in no chip, and in no file
    assert "No case passes these filters" in plain(app)
    app.button("drop-gone-purpose").click().run()
    assert len(_listed(app)) == 20
    app.button("drop-unknown").click().run()
    assert _address(app) == {"r.amount": ["1001.."]}


@pytest.mark.parametrize("role", ["analyst", "engineer"])
def test_nobody_filters_or_sorts_by_what_they_may_not_see(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setenv("SDA_ROLE", role)
    app = visit("medical", **{"f.family_name": NAME_OF_NOBODY, "sort": "-family_name", "q": "P00"})

    assert "cannot filter or sort by «family_name»" in plain(app)
    assert "Family name" not in app.selectbox("explore-sort").options
    assert "Age" in app.selectbox("explore-sort").options
    assert NAME_OF_NOBODY not in str(app.dataframe[0].value)
    if role == "engineer":  # numbers are not theirs to search by either
        assert all(shown.startswith("#") for shown in _listed(app))
        assert "45 cases, highest score first." in plain(app)
        assert "Your role sees no single case" in plain(visit("medical", case="P001"))
    else:
        assert "10 cases, highest score first." in plain(app)


def test_html_in_data_is_text_in_filters(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "caseworker")
    app = visit("finance", **{"f.full_name": NAME_OF_NOBODY})

    (chip,) = (button.label for button in app.button if button.key == "drop-filter-0")
    assert "\\<b\\>" in chip
    assert "45 cases, highest score first." in plain(app)


def test_a_column_with_very_many_values_is_searched_not_listed(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "MOST_OPTIONS", 1)
    monkeypatch.setattr(more_filters, "_MOST_FOUND", 1)
    app = visit("finance")
    assert "filter-purpose" not in [each.key for each in app.multiselect]

    app.selectbox("more-filters-column").set_value("purpose").run()
    app.text_input("more-find-purpose").set_value("ho").run()
    app.multiselect("more-choice-purpose").set_value(["home"]).run()
    assert _address(app) == {"f.purpose": ["home"]}
    assert "22 cases, highest score first." in plain(app)


@pytest.mark.parametrize("column", ["city", "applied_at", "moved"])
def test_a_chart_of_any_column_is_drawn(full_home: Settings, visit: Visit, column: str) -> None:
    app = visit("finance")
    app.selectbox("chart-column").set_value(column).run()  # nobody has a city here

    assert not app.error
    assert any(each.value.startswith("### Cases by ") for each in app.markdown)


def test_what_is_done_or_snoozed_can_be_left_out(own_home: Settings, visit: Visit) -> None:
    first, second = _ranked(SCORES)[:2]
    items.done(own_home, "finance.credit_default", first, "Ann")
    items.snooze(own_home, "finance.credit_default", second, now().date() + timedelta(days=30), "Ann")
    app = visit("finance")
    assert _listed(app)[0] == first
    assert app.dataframe[0].value["Worklist"].iloc[0] == "done · Ann"

    app.selectbox("filter-work").set_value("open").run()
    assert _address(app) == {"work": ["open"]}
    assert _listed(app)[0] == _ranked(SCORES)[2]
    app.selectbox("filter-work").set_value("done").run()
    assert _listed(app) == [first]


def test_two_days_and_two_groups_stand_side_by_side(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", vs="day:2026-10-29")
    days = app.dataframe[-1].value
    mean = {name: sum(scores.values()) / CASES for name, scores in (("now", SCORES), ("then", BEFORE))}
    assert list(days.iloc[-1])[1:] == [
        percent(mean["now"], "en"),
        percent(mean["then"], "en"),
        points(mean["now"] - mean["then"], "en"),
    ]
    app.segmented_control("compare-kind").set_value("segment").run()
    assert "vs" not in _address(app)
    assert app.selectbox("compare-column").value is None  # still open: the groups can be chosen

    groups = visit("finance", **{"vs": "segment:purpose:home", "f.purpose": "car"}).dataframe[-1].value
    assert list(groups.iloc[0])[1:] == ["23", "22", "+1"]
    none = visit("finance", vs="segment:purpose:")
    assert "«(none)» has no cases with these filters." in plain(none)
    gone = visit("finance", vs="segment:purpose:boat")
    assert "«boat» is not there to compare with (any more)." in plain(gone)
    gone = visit("finance", vs="segment:colour:red")
    assert "The cases cannot be told apart by «colour» (any more)." in plain(gone)

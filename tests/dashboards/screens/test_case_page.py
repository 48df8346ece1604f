"""The page of one case before a model that is there: why, similar cases, what if, one page of paper."""

import shutil
import zipfile
from datetime import date
from io import BytesIO

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from analytics import registry
from analytics.rescoring import cases_of, rescored
from analytics.scoring import score
from analytics.task import Task
from pipelines.records import quoted_column
from pipelines.settings import load_settings
from pipelines.store import Audit, Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.screens.conftest import Offered, Visit, plain, words_of
from tests.dashboards.screens.own_orders import HTML, WEIGHT


def opened(visit: Visit, task: Task, **address: str) -> AppTest:
    app = visit(task.name.replace(".", "-"), **{"case": "O010", **address})
    assert not app.error
    return app


def test_the_steps_are_drawn_and_html_in_the_data_is_text(orders: Task, visit: Visit) -> None:
    app = opened(visit, orders)
    charts = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "An average case" in charts
    assert "This case" in charts
    assert "add up to the difference" in words_of(app)
    assert HTML not in charts
    assert "«nothing»" not in words_of(app)
    assert "Who looks after it" in words_of(app)


def test_history_and_similar_cases_are_one_click_away(orders: Task, visit: Visit) -> None:
    app = opened(visit, orders, look="events")
    assert "How the score moved" in words_of(app)
    app = opened(visit, orders, look="similar")
    assert "Of the 30 most similar past cases" in words_of(app)
    (table,) = app.dataframe
    assert len(table.value) == 30
    assert "O010" not in table.value.iloc[:, 0].to_list()


def test_what_is_tried_is_what_the_model_says_of_it(orders: Task, visit: Visit) -> None:
    app = opened(visit, orders, look="if")
    name = f"if-{orders.name}-O010"
    slider = app.slider(f"{name}-{WEIGHT}-0")
    other = slider.max if slider.value < (slider.min + slider.max) / 2 else slider.min
    app.slider(f"{name}-{WEIGHT}-0").set_value(other).run()
    settings = load_settings()
    cases = cases_of(settings, orders, ["O010"])
    now, then = (rescored(settings, orders, cases, some)["score"][0] for some in ({}, {WEIGHT: float(other)}))
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Now"] == f"{now:.1%}"
    assert shown["With the changes"] == f"{then:.1%}"
    assert "not about cause" in words_of(app)
    assert "What drives the difference" in words_of(app)
    app.button(f"reset-{name}").click().run()
    assert "Nothing was moved yet." in words_of(app)


def test_what_is_taken_along_names_the_case_and_the_audit_does_not(
    orders: Task, visit: Visit, offered: Offered
) -> None:
    opened(visit, orders)
    assert offered["case-sheet"]().startswith(b"%PDF")
    assert b"O010" in offered["export-why-svg"]()
    opened(visit, orders, look="similar")
    notes = zipfile.ZipFile(BytesIO(offered["export-similar-csv"]()))
    assert any(b"O010" in notes.read(name) for name in notes.namelist() if name.endswith(".txt"))
    with Store(load_settings()).session() as session:
        done = {audit.action: audit.detail for audit in session.query(Audit)}
    assert {*done} >= {"export.case", "export.chart", "export.table"}
    assert "(search)" in done["export.chart"]
    assert "(search)" in done["export.table"]
    assert not [detail for detail in done.values() if "O010" in detail]


def test_without_its_model_the_page_tells_what_is_stored(orders: Task, visit: Visit) -> None:
    settings = load_settings()
    shutil.rmtree(settings.home / registry.required(settings, orders).path)
    app = opened(visit, orders)
    assert "is not kept any more" in words_of(app)
    assert "Nothing can be tried" in words_of(opened(visit, orders, look="if"))
    assert "Similar cases cannot be looked for" in words_of(opened(visit, orders, look="similar"))


def test_a_case_that_was_scored_again_is_read_again(orders: Task, visit: Visit) -> None:
    corrected = "The data were corrected since this was scored"
    assert corrected not in words_of(opened(visit, orders))

    def change(connection: duckdb.DuckDBPyConnection) -> None:
        weight = quoted_column(WEIGHT)
        connection.execute(
            f"UPDATE {quoted(orders.table)} SET {weight} = 31 - {weight} WHERE \"order\" = 'O010'"
        )

    settings = load_settings()
    Warehouse(settings).write(change)
    score(settings, orders, date(2026, 3, 2))
    assert corrected not in words_of(opened(visit, orders))


def test_what_the_data_no_longer_hold_and_what_was_scored_earlier_is_said(orders: Task, visit: Visit) -> None:
    table = quoted(orders.predictions_table)

    def change(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"DELETE FROM {table} WHERE entity_id = 'O010' AND as_of = DATE '2026-03-02'")
        connection.execute(f"DELETE FROM {table} WHERE entity_id = 'O011'")
        connection.execute(f"UPDATE {table} SET snapshot_id = 999999")
        connection.execute(f"UPDATE {table} SET score = NULL WHERE entity_id = 'O012'")
        connection.execute(f"DELETE FROM {quoted(orders.table)} WHERE \"order\" = 'O010'")

    Warehouse(load_settings()).write(change)
    said = words_of(opened(visit, orders))
    assert "Last scored on Mar 1, 2026" in said
    assert "know nothing of this case any more" in said
    assert "There is no case «O011»" in plain(opened(visit, orders, case="O011"))
    assert "The case «O012» was scored without a result." in plain(opened(visit, orders, case="O012"))
    opened(visit, orders, case="", q="O012")  # its line in the list


def test_who_may_not_tell_people_apart_reaches_no_case_by_address(
    orders: Task, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "engineer")
    said = words_of(opened(visit, orders, look="similar"))
    assert "O010" not in said
    assert "similar past cases" not in said

"""The page of stock: what to order and why, the demand of an article, policies beside each other."""

from datetime import timedelta

import fastexcel
import pytest

from dashboards.domains.logistics.stock_charts import demand_chart
from dashboards.queries import stock
from dashboards.queries.reading import reader
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Audit, Store
from pipelines.warehouse import Warehouse
from tests.dashboards.planned import AS_OF
from tests.dashboards.screens.conftest import Offered, Visit, plain


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_newest_proposals_are_listed_with_their_reason(
    full_home: Settings, visit: Visit, language: str
) -> None:
    _ = say(language)
    app = visit("stock", lang=language)
    table = app.dataframe[0].value

    assert not app.error
    assert list(table[_("Order")]) == ["40"]  # neither what needs none nor the proposal of yesterday
    assert "31" in table[_("Because")][0]
    assert [metric.value for metric in app.metric][:2] == ["1", "40"]
    assert "20.0%" in plain(app)  # what ordering by forecast would have saved
    assert "AutoETS" in plain(app)


def test_filters_combine_and_say_when_nothing_passes(full_home: Settings, visit: Visit) -> None:
    app = visit("stock")
    app.toggle("choose-also").set_value(True).run()
    assert list(app.dataframe[0].value["Number"]) == ["A0", "A1"]
    app.selectbox("choose-family").set_value("paper").run()
    assert list(app.dataframe[0].value["Number"]) == ["A1"]
    assert ("sda stock backtest" in plain(app)) is False  # it was taken through the past
    app.text_input("choose-find").set_value(".*").run()
    assert "No article passes these filters" in plain(app)


def test_a_link_shows_what_its_sender_saw(full_home: Settings, visit: Visit) -> None:
    app = visit("stock")
    app.toggle("choose-also").set_value(True).run()
    app.selectbox("choose-family").set_value("paper").run()
    app.selectbox("choose-series").set_value("A1 D1").run()
    link = {name: app.query_params[name] for name in ("also", "family", "series")}
    assert link == {"also": "1", "family": "paper", "series": "A1 D1"}

    other = visit("stock", **link)
    assert list(other.dataframe[0].value["Number"]) == ["A1"]
    assert "Demand for Article 1 <i>" in plain(other)
    gone = visit("stock", family="sold out", series="A9 D1", also="1")
    assert list(gone.dataframe[0].value["Number"]) == ["A0", "A1"]
    assert [each.value for each in gone.warning] == [
        "Product family: there is no «sold out» here (any more).",
        "Article and depot: there is no «A9 D1» here (any more).",
    ]
    gone.button("drop-gone-family").click().run()
    assert len(gone.warning) == 1
    assert "family" not in gone.query_params


def test_an_article_is_chosen_by_name(full_home: Settings, visit: Visit) -> None:
    app = visit("stock")
    app.selectbox("choose-series").set_value("A1 D1").run()

    assert "Demand for Article 1 <i>" in plain(app)
    assert "Order no Article 1 <i> today" in plain(app)


def test_history_and_forecast_meet_without_a_gap_or_an_overlap(full_home: Settings) -> None:
    with Warehouse(full_home).reading() as connection:
        read = reader(connection)
        known = stock.demand(read, "A0", "D1", AS_OF, 30)
        ahead = stock.forecast(read, "A0", "D1")
    chart = demand_chart("Article", known, ahead, "en")
    days = chart.data["day"].to_list()

    assert days == [days[0] + timedelta(days=n) for n in range(30 + 14)]
    assert known["quantity"].to_list()[-1] == 0  # a day that the table does not hold
    assert known["quantity"].to_list()[-2] == 4


def test_the_file_says_every_proposal_in_a_sentence(
    full_home: Settings, visit: Visit, offered: Offered
) -> None:
    visit("stock").toggle("choose-also").set_value(True).run()
    book = fastexcel.read_excel(offered["export-proposals-xlsx"]())
    sheet, about = (book.load_sheet(number).to_polars() for number in range(2))

    assert sheet["Order"].to_list() == [40, 0]
    assert sheet["Proposal"][0].startswith("Order 40 of Article 0 <i> today, because 12 on hand")
    assert "Also what needs no order" in about.to_series(1).to_list()
    with Store(full_home).session() as session:
        assert "export.table" in [audit.action for audit in session.query(Audit)]


def test_without_proposals_the_page_says_what_to_do(home: Settings, visit: Visit) -> None:
    app = visit("stock")

    assert not app.error
    assert "sda stock propose" in plain(app)

"""A view of a page is saved, taken away, and offered by mail (`tests/browser` goes on from there)."""

import json

import polars as pl
from sqlalchemy import select

from dashboards.explore.handing_out import handed_out
from dashboards.explore.saved import Keeper, saved_views
from pipelines.settings import Settings
from pipelines.store import Audit, Store
from tests.dashboards.screens.conftest import Visit, plain

VIEW = {"q": "L", "f.purpose": "car", "sort": "-amount"}


def test_a_view_is_saved_and_taken_away_and_offered_by_mail(own_home: Settings, visit: Visit) -> None:
    keeper = Keeper(own_home, "finance", "Carla")  # a case worker, who sees names
    for number, told in enumerate(
        ("f.full_name=Zz", "r.email=Zz..", "sort=-full_name", "vs=segment:email:Zz")
    ):
        keeper.save(f"Whose name is Zz {number}", told)
    page = visit("finance", **VIEW)
    assert "Views that use what your role does not see are left out here: 4." in plain(page)
    assert "Zz" not in plain(page) + "".join(f"{each.label} {each.help}" for each in page.button)

    page.text_input(key="person").set_value("Ann").run()
    page.text_input(key="view-name").set_value("Cars").run()
    page.button(key="save-view").click().run()
    assert "Saved as «Cars»." in plain(page)
    (saved,) = [each for each in saved_views(own_home, "finance") if each.who == "Ann"]
    assert (saved.address, saved.who) == ("f.purpose=car&q=L&sort=-amount", "Ann")

    page.button(key="prepare-parquet").click().run()
    (link,) = [each for each in page.get("link_button") if each.proto.url.startswith("exports/")]
    found = handed_out(link.proto.url.split("/")[1])
    assert found is not None
    rows = pl.read_parquet(found.open())
    assert set(rows["purpose"]) == {"car"}
    assert rows["amount"].to_list() == sorted(rows["amount"], reverse=True)
    assert all(name in ("Z.", None) for name in rows["full_name"])  # masked as on the page
    found.path.unlink()  # as when its time is past
    assert not [each for each in page.run().get("link_button") if each.proto.url.startswith("exports/")]

    page.button(key="subscribe-view").click().run()
    told = "**number begins with «L»; Purpose: car**"
    assert f"Each mail is about the cases that are like this then: {told}." in plain(page)
    assert page.text_input(key="view-email").label == "Your address"
    with Store(own_home).session() as session:
        audit = {row.action: row.detail for row in session.scalars(select(Audit).where(Audit.who == "Ann"))}
    noted = json.loads(audit["export.cases"])
    assert (noted["rows"], noted["format"], noted["page"]) == (rows.height, "parquet", "finance")
    assert noted["filters"] == ["(search)", "Purpose: car"]  # not whom she looked for
    assert "view.save" in audit

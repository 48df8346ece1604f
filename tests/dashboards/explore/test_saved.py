"""Views that people named: one name a page, kept as they were, noted who did what."""

from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import AssistantError, UsageError
from dashboards.explore.saved import Keeper, saved_views
from pipelines.settings import Settings
from pipelines.store import Audit, Store


@pytest.fixture
def ann(tmp_path: Path) -> Keeper:
    return Keeper(Settings(home=tmp_path / "var", config=tmp_path / "assistant.toml"), "finance", "Ann")


def names(keeper: Keeper) -> list[str]:
    return [view.name for view in saved_views(keeper.settings, keeper.page)]


def test_a_view_is_kept_under_its_name_on_its_page(ann: Keeper) -> None:
    saved = ann.save("  Cars   in Lyon ", "f.purpose=car&f.city=Lyon&sort=-amount&junk=1")
    other = Keeper(ann.settings, "medical", "Ben")
    other.save("Cars in Lyon", "f.band=high")

    assert names(ann) == ["Cars in Lyon"]
    assert saved.address == "f.city=Lyon&f.purpose=car&sort=-amount"
    with pytest.raises(UsageError, match="already"):
        ann.save("Cars in Lyon", "")
    assert ann.save("Cars in Lyon", "f.band=low", replace=True).id == saved.id
    other.remove(saved.id)  # of another page
    assert names(ann) == ["Cars in Lyon"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_view_needs_a_name(ann: Keeper, name: str) -> None:
    with pytest.raises(UsageError):
        ann.save(name, "f.band=high")
    assert names(ann) == []


def test_views_are_renamed_and_removed_by_anyone_and_it_is_noted(ann: Keeper) -> None:
    first, second = ann.save("One", "f.band=high"), ann.save("Two", "f.band=low")
    ben = Keeper(ann.settings, ann.page, "Ben")

    ben.rename(first.id, "Uno")
    with pytest.raises(UsageError, match="already"):
        ben.rename(second.id, "Uno")
    ben.remove(second.id)
    ben.remove(second.id)
    with pytest.raises(AssistantError, match="removed"):
        ben.rename(second.id, "Due")

    assert names(ann) == ["Uno"]
    with Store(ann.settings).session() as session:
        acts = session.execute(select(Audit.who, Audit.action).order_by(Audit.id)).all()
    assert [tuple(act) for act in acts] == [
        ("Ann", "view.save"), ("Ann", "view.save"), ("Ben", "view.rename"), ("Ben", "view.remove"),
    ]  # fmt: skip

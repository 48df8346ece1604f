"""One version in service, whatever happens; a damaged one gives way to the sound one before."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from analytics import registry
from analytics.scoring import score
from analytics.task import Task
from analytics.training import train
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import Audit, ModelVersion, Notice, Store


@pytest.fixture
def versions(home: Settings, ill: Task) -> list[ModelVersion]:
    """Three versions of one model, the last of which serves."""
    train(home, ill, seconds=1)
    first = registry.required(home, ill)
    for _ in range(2):
        registry.enter(home, copy_of(home, ill, first))
    registry._load.cache_clear()
    return list(reversed(registry.history(home, ill)))


def copy_of(home: Settings, task: Task, row: ModelVersion) -> ModelVersion:
    card = registry.card(home, row)
    model = registry.load(home, row)
    copy = registry.save(home, task, model, {k: v for k, v in card.items() if k not in ("version", "model")})
    copy.state = "in_service"
    return copy


def damage(home: Settings, row: ModelVersion) -> None:
    path = home.home / row.path / "card.json"
    path.write_text(path.read_text() + " ")  # still JSON, and of the same meaning


def notices(home: Settings) -> list[str]:
    with Store(home).session() as session:
        return list(session.scalars(select(Notice.message).where(Notice.resolved_at.is_(None))))


def test_the_newest_sound_version_serves_in_place_of_damaged_ones(
    home: Settings, ill: Task, versions: list[ModelVersion]
) -> None:
    damage(home, versions[2])
    damage(home, versions[1])
    assert score(home, ill).model_version == versions[0].version
    assert registry.required(home, ill).version == versions[0].version
    told = notices(home)
    assert len(told) == 1
    assert f"{versions[2].version} of made is damaged" in told[0]
    assert f"{versions[0].version}, serves in its place" in told[0]
    with Store(home).session() as session:
        assert "model.fallback" in session.scalars(select(Audit.action)).all()
    score(home, ill)
    assert len(notices(home)) == 1
    assert train(home, ill, seconds=1).promoted or registry.required(home, ill).version == versions[0].version


def test_where_none_is_sound_it_is_said_and_a_new_training_puts_it_right(
    home: Settings, ill: Task, versions: list[ModelVersion]
) -> None:
    for row in versions:
        damage(home, row)
    with pytest.raises(registry.DamagedModelError, match=rf"{versions[2].version} of made is damaged"):
        score(home, ill)
    assert len(notices(home)) == 1
    assert train(home, ill, seconds=1).promoted
    assert notices(home) == []
    score(home, ill)


def test_a_version_promoted_while_a_damaged_one_is_replaced_goes_on_serving(
    home: Settings, ill: Task, versions: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(home, versions[2])
    newer = copy_of(home, ill, versions[0])
    sound = registry._sound

    def meanwhile(settings: Settings, task: Task) -> object:
        registry.enter(settings, newer)
        return sound(settings, task)

    monkeypatch.setattr(registry, "_sound", meanwhile)
    assert score(home, ill).model_version == newer.version
    assert registry.required(home, ill).version == newer.version


def test_a_version_of_an_older_release_is_no_rival_and_a_training_replaces_it(
    home: Settings, ill: Task, versions: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "FORMAT", registry.FORMAT + 1)
    with pytest.raises(AssistantError, match="is of another version of the assistant"):
        score(home, ill)
    assert train(home, ill, seconds=1).promoted
    assert score(home, ill).model_version not in [row.version for row in versions]


def test_of_promotions_at_once_one_serves_and_all_are_on_record(
    home: Settings, ill: Task, versions: list[ModelVersion]
) -> None:
    copies = [copy_of(home, ill, versions[0]) for _ in range(4)]
    start = Barrier(len(copies))

    def promote(row: ModelVersion) -> None:
        start.wait()
        registry.enter(home, row)

    threads = [Thread(target=promote, args=(row,)) for row in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [row.state for row in registry.history(home, ill)]
    assert states.count("in_service") == 1
    assert len(states) == 7

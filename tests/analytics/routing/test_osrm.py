"""Matrices from a routing server: asked in blocks, and given up without a hang where it fails."""

import numpy as np
import pytest

from analytics.routing import osrm
from analytics.routing.geography import distances
from analytics.routing.osrm import ServerError, osrm_matrix
from analytics.routing.problem import Place
from analytics.routing.travel import travel_for
from connectors.errors import UsageError
from pipelines.settings import Settings
from tests.analytics.routing.osrm_server import osrm_server, way

HAMBURG = [Place(53.55, 9.99), Place(53.6, 10.0), Place(53.5, 10.1)]


def with_server(settings: Settings, address: str) -> Settings:
    return settings.model_copy(update={"routing": settings.routing.model_copy(update={"osrm": address})})


def test_many_places_are_asked_in_blocks_and_put_together() -> None:
    random = np.random.default_rng(0)
    places = [Place(53.5 + a, 10 + b) for a, b in random.uniform(-0.2, 0.2, (230, 2)).round(6)]
    with osrm_server() as server:
        metres, seconds = osrm_matrix(server.address, places)
    points = [(place.longitude, place.latitude) for place in places]
    expected = np.array([[way(a, b) for b in points] for a in points])
    assert np.allclose(metres, expected[..., 0], atol=0.01)
    assert np.allclose(seconds, expected[..., 1], atol=0.01)
    assert len(server.asked) == 9  # blocks of 100, 100 and 30


def test_the_profile_of_a_table_address_is_kept() -> None:
    with osrm_server() as server:
        osrm_matrix(f"{server.address}/table/v1/van/", HAMBURG)
        osrm_matrix(f"{server.address}/", HAMBURG)
    assert server.asked[0].startswith("/table/v1/van/9.990000,53.550000;10.000000,53.600000;")
    assert server.asked[1].startswith("/table/v1/driving/9.99")


def test_what_the_server_says_is_taken_and_named(home: Settings) -> None:
    with osrm_server("no way") as server:
        travel = travel_for(with_server(home, server.address), HAMBURG, None)
    assert travel.source == "the routing server (OSRM)"
    over = travel.seconds[0, 0, 2] + travel.seconds[0, 2, 1]
    assert travel.seconds[0, 0, 1] == pytest.approx(over)
    assert travel.notes[0] == "Missing pairs: 1 of 6; filled with the quickest way over other places."


def test_the_server_fills_what_the_matrix_file_lacks(home: Settings) -> None:
    home.config.with_name("ways.csv").write_text(
        "from,to,metres,seconds\n53.55 9.99,53.6 10,7000,700\n53.6 10,53.55 9.99,7100,710\n"
    )
    with osrm_server() as server:
        settings = with_server(home, server.address)
        routing = settings.routing.model_copy(update={"matrix": "ways.csv"})
        travel = travel_for(settings.model_copy(update={"routing": routing}), HAMBURG, None)
    assert travel.source == "the matrix in ways.csv"
    assert travel.seconds[0, :2, :2].tolist() == [[0, 700], [710, 0]]
    expected = way((9.99, 53.55), (10.1, 53.5))
    assert (travel.metres[0, 2], travel.seconds[0, 0, 2]) == pytest.approx(expected)
    assert "Estimated by: the routing server (OSRM)." in travel.notes


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("too big", "it answers «TooBig» with status 400"),
        ("no json", "it answers with status 502 and no JSON"),
        ("redirect", "it answers with status 302 and no JSON"),
        ("short", "its «durations» are not 3 x 3 numbers"),
        ("silent", "it takes too long"),
        ("drips", "it takes too long"),
    ],
)
def test_a_server_that_fails_gives_way_to_distance_with_a_note(
    home: Settings, monkeypatch: pytest.MonkeyPatch, fault: str, told: str
) -> None:
    if told == "it takes too long":  # the others answer at once, or as soon as a busy machine lets them
        monkeypatch.setattr(osrm, "_SILENT_SECONDS", 0.3)
        monkeypatch.setattr(
            "analytics.routing.travel.osrm_matrix",
            lambda address, places: osrm_matrix(address, places, most_seconds=0.5),
        )
    with osrm_server(fault) as server:
        travel = travel_for(with_server(home, server.address), HAMBURG, None)
    assert travel.notes == (f"The routing server was asked in vain: {told}.",)
    assert travel.source == "great-circle distance x 1.35 at 35 km/h"
    assert np.allclose(travel.metres, 1.35 * distances(HAMBURG))
    assert np.allclose(travel.seconds[0], travel.metres / 35 * 3.6)
    assert all(path.startswith("/table/") for path in server.asked)


def test_no_server_there() -> None:
    with osrm_server() as server:
        address = server.address
    with pytest.raises(ServerError, match="cannot be reached") as error:
        osrm_matrix(address, HAMBURG)
    assert "53.55" not in str(error.value)


@pytest.mark.parametrize("address", ["127.0.0.1:5000", "ftp://host", "http://", "http://host/?key=1"])
def test_an_address_that_is_none(home: Settings, address: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        travel_for(with_server(home, address), HAMBURG, None)

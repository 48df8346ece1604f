"""Coordinates at (0, 0) or exchanged are found, and nothing else is touched."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.routing.coordinates import located
from analytics.routing.problem import Place

HAMBURG = Place(53.55, 9.99)
near = st.builds(Place, st.floats(HAMBURG.latitude - 0.8, HAMBURG.latitude + 0.8), st.floats(9.0, 11.0))


def turned(place: Place) -> Place:
    return Place(place.longitude, place.latitude)


@given(
    st.lists(near, min_size=3, max_size=9), st.sets(st.integers(0, 8), max_size=1), st.sets(st.integers(0, 8))
)
def test_exchanged_and_missing_coordinates_are_found(
    places: list[Place], swapped: set[int], nowhere: set[int]
) -> None:
    swapped = {number for number in swapped if number < len(places)} - nowhere
    nowhere = {number for number in nowhere if number < len(places)}
    given_ = [
        Place(0.0, 0.0) if n in nowhere else turned(place) if n in swapped else place
        for n, place in enumerate(places)
    ]
    found = located(HAMBURG, given_)
    assert set(found.nowhere) == nowhere
    assert set(found.swapped) == swapped
    assert not found.depot_swapped
    assert found.depot == HAMBURG
    for number, place in enumerate(places):
        assert number in nowhere or found.places[number] == place


def test_where_most_stops_lie_near_the_depot_turned_round_the_depot_is_wrong() -> None:
    right, wrong = [Place(53.5, 9.9), Place(53.6, 10.1), Place(53.5, 10.1)], Place(10.0, 53.55)
    found = located(turned(HAMBURG), [*right, wrong])
    assert found.depot_swapped
    assert found.depot == HAMBURG
    assert found.swapped == (3,)
    assert found.places == (*right, turned(wrong))


def test_one_or_two_stops_prove_nothing_against_the_depot() -> None:
    found = located(HAMBURG, [turned(HAMBURG), turned(HAMBURG)])
    assert not found.depot_swapped
    assert found.places == (HAMBURG, HAMBURG)


def test_a_stop_far_away_that_is_no_nearer_turned_round_stays() -> None:
    milano = Place(45.46, 9.19)
    assert located(HAMBURG, [milano]).places == (milano,)


def test_a_depot_in_the_far_east_cannot_be_turned_round() -> None:
    shanghai, near_it = Place(31.2, 121.5), Place(31.3, 121.4)
    found = located(shanghai, [near_it, Place(np.nan, 3.0)])
    assert found.places[0] == near_it
    assert found.nowhere == (1,)

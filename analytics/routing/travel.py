"""Distances and times between the places of a problem, from the best source there is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from analytics.routing.geography import distances
from analytics.routing.matrix_file import read_matrix
from analytics.routing.mending import mended
from analytics.routing.osrm import ServerError, osrm_matrix
from analytics.routing.past_legs import past_legs
from analytics.routing.problem import FOREVER, Place, Travel, Window
from analytics.routing.speeds import LEAST_LEGS, learn
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

Array = NDArray[np.float64]


def travel_for(
    settings: Settings,
    places: Sequence[Place],
    begins: datetime | None,
    *,
    snapshot: int | None = None,
    names: Sequence[str] = (),
    timezone: str = "",
) -> Travel:
    """Travel between the places, n x n, from the first of these that gives it:

    the matrix file of the settings (asks for `names`, or coordinates), the OSRM-compatible server of the
    settings, speeds learned from the trips before `begins` (UTC; None: no calendar, nothing learned) on the
    clock of `timezone` (that of the settings by default), and great-circle distance x detour at one speed.

    What a source lacks comes from the next one. Where the server fails, `notes` says so and the next source
    serves. Raises UsageError for a matrix file or an address that a person must correct.
    """
    routing = settings.routing
    sources: list[Source] = []
    if routing.matrix:
        path = Path(settings.beside_config(routing.matrix))
        sources.append(partial(_from_file, path, list(names) or [""] * len(places), places))
    if routing.osrm:
        sources.append(partial(_from_server, routing.osrm, places))
    if begins is not None:
        clock = timezone or settings.timezone
        sources.append(partial(_from_past, Warehouse(settings), places, begins, snapshot, clock))
    sources.append(lambda _: _from_distance(places, routing.detour, routing.speed_kmh))
    return _first(sources)


Next = Callable[[], Travel]
Source = Callable[[Next], Travel]  # given what the sources after it say


def _first(sources: Sequence[Source]) -> Travel:
    best, *others = sources
    return best(lambda: _first(others))


def _noted(travel: Travel, note: str) -> Travel:
    return replace(travel, notes=(note, *travel.notes))


def _from_file(path: Path, names: Sequence[str], places: Sequence[Place], then: Next) -> Travel:
    metres, seconds, notes = read_matrix(path, names, places)
    return _completed(metres, seconds, f"the matrix in {path.name}", notes, then)


def _from_server(address: str, places: Sequence[Place], then: Next) -> Travel:
    try:
        metres, seconds = osrm_matrix(address, places)
    except ServerError as error:
        return _noted(then(), f"The routing server was asked in vain: {error.problem}.")
    return _completed(metres, seconds, "the routing server (OSRM)", [], then)


def _from_past(
    warehouse: Warehouse,
    places: Sequence[Place],
    begins: datetime,
    snapshot: int | None,
    timezone: str,
    then: Next,
) -> Travel:
    try:
        with warehouse.reading(snapshot) as connection:
            legs = past_legs(connection, places, begins, timezone)
    except duckdb.CatalogException:  # no such tables: no trip was ever recorded
        return then()
    if speeds := learn(legs):
        return speeds.travel(places, begins, timezone)
    told = f"Too few past trips near to learn speeds from: {len(legs)} legs, {LEAST_LEGS} are needed."
    return _noted(then(), told) if len(legs) else then()


def _from_distance(places: Sequence[Place], detour: float, speed_kmh: float) -> Travel:
    metres = distances(places) * detour
    source = f"great-circle distance x {detour:g} at {speed_kmh:g} km/h"
    return Travel(metres, (metres / (speed_kmh / 3.6))[None], source)


def _completed(metres: Array, seconds: Array, source: str, notes: list[str], then: Next) -> Travel:
    """Travel by these matrices; their gaps by the next source, whose name is then told."""
    asked: list[Travel] = []

    def guess() -> tuple[Array, Array]:
        asked.append(flattened(then(), ()))
        return asked[0].metres, asked[0].seconds[0]

    metres, seconds, told = mended(metres, seconds, guess)
    others = [f"Estimated by: {other.source}." for other in asked]
    return Travel(metres, seconds[None], source, notes=(*notes, *told, *others))


def flattened(travel: Travel, windows: Sequence[Window], *, slowest: float = 0.0) -> Travel:
    """One matrix in place of several: the mean over the periods, weighted by how long `windows` cover each.

    `windows` are the shifts. `slowest` (0 to 1) moves the mean towards the slowest period that they cover:
    for a solver whose plan was late when driven at the hours it fell in. Without any cover all periods count
    alike.
    """
    if len(travel.periods) == 1:
        return travel
    begins = np.array(travel.periods)
    ends = np.append(begins[1:], FOREVER)
    covered = sum(
        (np.clip(np.minimum(ends, w.closes) - np.maximum(begins, w.opens), 0, None) for w in windows),
        start=np.zeros(len(begins)),
    )
    weights = covered if covered.any() else np.ones(len(begins))
    seconds = np.tensordot(weights / weights.sum(), travel.seconds, axes=1)
    if slowest:
        seconds = (1 - slowest) * seconds + slowest * travel.seconds[weights > 0].max(axis=0)
    return Travel(travel.metres, seconds[None], travel.source, notes=travel.notes)

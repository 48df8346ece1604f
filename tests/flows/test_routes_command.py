"""`sda routes`: files of the literature, a depot's day, the rest of it, what is said of mistakes."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from flows.commands import routes_words
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.lake import BEGINS, fill, stop, van
from tests.flows.conftest import Sda

SOLOMON = """SQUARE

VEHICLE
NUMBER     CAPACITY
  2         30

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0      0         0         0          0       1000          0
    1      0        10        10          0       1000          5
    2     10        10        10          0       1000          5
    3     10         0        10          0       1000          5
"""
SAID = {"cost", "distance", "duration", "routes", "feasible", "late_stops", "unserved"}


@pytest.fixture
def square(tmp_path: Path) -> Path:
    path = tmp_path / "square.txt"
    path.write_text(SOLOMON)
    return path


@pytest.fixture
def carrier(home: Settings) -> Iterator[Settings]:
    held = Warehouse(home)  # the lake is opened once
    held.snapshot()
    stops = [stop(f"S{n}", latitude=53.55 + n / 100, assigned_vehicle="V1") for n in range(1, 6)]
    fill(home, {"fleet": [van("V1"), van("V2")], "stops": [*stops, stop("heavy", kg=5_000.0)], "trips": []})
    yield home
    assert held.exists("logistics.stops")


def test_a_file_is_solved_and_told_in_its_own_units(sda: Sda, square: Path) -> None:
    result = sda("routes", "solve", square, "--iterations", "30", "--json")
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert set(said) >= SAID
    assert said["routes"] in ([[1, 2, 3]], [[3, 2, 1]])
    assert said["cost"] == said["distance"] == pytest.approx(40)
    assert said["duration"] == pytest.approx(40 + 15)
    assert (said["feasible"], said["late_stops"], said["unserved"]) == (True, [], [])
    assert "best cost" in result.stderr
    again = json.loads(sda("routes", "solve", square, "--iterations", "30", "--json").stdout)
    assert again["routes"] == said["routes"]
    assert "feasible: cost 40.00" in sda("routes", "solve", square, "--iterations", "5").stdout


def test_what_a_file_does_not_let_serve_has_its_reason(sda: Sda, square: Path) -> None:
    square.write_text(SOLOMON.replace("10        10        10 ", "10        10        90 "))
    said = json.loads(sda("routes", "solve", square, "--iterations", "30", "--json").stdout)
    assert (said["unserved"], said["feasible"]) == ([2], False)
    reason = {"stop": 2, "binds": "capacity", "detail": {"dimension": "load", "needs": 90, "most": 30}}
    assert said["reasons"] == [reason]
    assert "not served: 2. There is not room" in sda("routes", "solve", square, "--iterations", "5").stdout


def test_fewest_vehicles_and_cut_distances_are_options(sda: Sda, square: Path) -> None:
    square.write_text(SOLOMON.replace("    3     10 ", "    3     11 "))
    given = ("--iterations", "20", "--objective", "vehicles", "--rounding", "dimacs", "--json")
    said = json.loads(sda("routes", "solve", square, *given).stdout)
    assert (len(said["routes"]), said["objective"]) == (1, "vehicles")
    assert said["distance"] == pytest.approx(10 + 10 + 10.0 + 11)


def test_the_first_interrupt_keeps_the_best_so_far(
    sda: Sda, square: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupting() -> Callable[[float, float], None]:
        pressed: list[float] = []

        def listen(_seconds: float, cost: float) -> None:
            if not pressed:
                pressed.append(cost)
                os.kill(os.getpid(), signal.SIGINT)

        return listen

    monkeypatch.setattr(routes_words, "best_so_far", interrupting)
    before = signal.getsignal(signal.SIGINT)
    result = sda("routes", "solve", square, "--seconds", "300", "--json")
    assert result.exit_code == 0
    assert "the best so far is kept" in result.stderr
    said = json.loads(result.stdout)
    assert said["feasible"]
    assert said["seconds"] < 300
    assert signal.getsignal(signal.SIGINT) is before


def test_a_depots_day_is_planned_shown_listed_and_planned_again(sda: Sda, carrier: Settings) -> None:
    given = ("--iterations", "40", "--threads", "1", "--json")
    result = sda("routes", "solve", "D01", *given)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert set(said) >= SAID | {"plan_id", "in_use", "travel_source"}
    assert (said["depot"], said["day"], said["unserved"]) == ("D01", "2026-11-02", ["heavy"])
    assert sorted(chain(*said["routes"])) == [f"S{n}" for n in range(1, 6)]
    assert said["in_use"]["how"] == "nearest neighbour"
    shown = json.loads(sda("routes", "show", "D01@2026-11-02", "--json").stdout)
    assert shown["plan_id"] == said["plan_id"]
    assert [[v["stop_id"] for v in route["visits"]] for route in shown["routes"]] == said["routes"]
    text = sda("routes", "show", said["plan_id"]).stdout
    assert "against today's assignment" in text
    assert "heavy: It needs 5,000 kg; the largest vehicle holds 900 kg." in text
    (first,) = (visit for route in shown["routes"] for visit in route["visits"] if visit["position"] == 1)
    now = BEGINS + timedelta(hours=20)
    again = sda("routes", "replan", "D01", "--now", f"{now.isoformat()}Z", "--cancel", "heavy", *given)
    assert again.exit_code == 0, again.stderr
    after = json.loads(again.stdout)
    assert after["replaces"] == said["plan_id"]
    assert (after["routes"], after["driven"]) == (said["routes"], list(chain(*said["routes"])))
    assert after["distance"] == pytest.approx(said["distance"])
    assert first["stop_id"] in after["driven"]
    listed = json.loads(sda("routes", "list", "--json").stdout)
    assert [(row["plan_id"], row["in_force"]) for row in listed] == [
        (after["plan_id"], True),
        (said["plan_id"], False),
    ]


MISTAKES = [
    (("solve", "D02"), 2, "Did you mean D01?"),
    (("solve", "D01@someday"), 2, "«someday» is no day"),
    (("solve", "D01@2026-11-09"), 1, "no stops on 2026-11-09"),
    (("solve", "D01", "--rounding", "dimacs"), 2, "--rounding is for files"),
    (("solve", "no/such.txt"), 2, "There is no file"),
    (("solve", "x" * 300), 2, "no file of that name"),
    (("solve", "x/" * 3_000), 2, "cannot be read"),
    (("show", "D01@2026-11-02"), 1, "There is no plan of D01"),
    (("show", "D01-20261102-0"), 1, "There is no plan"),
    (("replan", "D01", "--delay", "V1"), 2, "«V1» is no delay"),
    (("replan", "D01", "--delay", "V1=-5"), 2, "«V1=-5» is no delay"),
    (("replan", "D01", "--delay", "V1=nan"), 2, "«V1=nan» is no delay"),
    (("replan", "D01", "--now", "0001-01-01T00:00"), 2, "no moment of a day"),
    (("replan", "D01@2026-11-02"), 1, "There is no plan of D01"),
]


def test_mistakes_are_told_in_words(sda: Sda, carrier: Settings) -> None:
    for arguments, code, words in MISTAKES:
        result = sda("routes", *arguments)
        assert (result.exit_code, words in result.stderr) == (code, True), (arguments, result.stderr)


def test_before_any_plan_there_is_nothing_to_list(sda: Sda, home: Settings) -> None:
    assert json.loads(sda("routes", "list", "--json").stdout) == []
    assert "sda routes solve" in sda("routes", "list").stdout

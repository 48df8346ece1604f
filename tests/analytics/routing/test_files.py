"""Files of the literature: what they mean, and that a broken one is said in words."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.routing.files import read_problem
from analytics.routing.problem import Problem
from connectors.errors import UsageError

SOLOMON = """TOWN

VEHICLE
NUMBER     CAPACITY
  2         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0       1236          0
    1      3          4         10        912        967         90
    2      1          1         30        825        870         90
    3      0          7         -5          0         90          5
"""
CAPACITATED = """NAME : toy
COMMENT : four nodes
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 5
3 6
4 7
DEPOT_SECTION
 1
 -1
EOF
"""
EXPLICIT = """NAME : matrix
TYPE : VRPTW
DIMENSION : 3
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 4
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
0 7 8
6 0 5
4 3 0
DEMAND_SECTION
1 0
2 5
3 6
TIME_WINDOW_SECTION
1 0 100
2 10 20
3 30 40
DEPOT_SECTION
1
-1
EOF
"""
SEVERAL_DEPOTS = """DIMENSION : 4
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : LOWER_ROW
CAPACITY : 10
DISTANCE : 50
VEHICLES_MAX_DISTANCE : 30
EDGE_WEIGHT_SECTION
1
2 3
4 5 6
DEMAND_SECTION
1 5
2 0
3 4
4 0
BACKHAUL_SECTION
1 0
2 0
3 2
4 0
PRIZE_SECTION
1 0
2 0
3 8
4 0
DEPOT_SECTION
2
4
-1
VEHICLES_DEPOT_SECTION
1 2
2 4
3 4
"""


def read(folder: Path, text: str, name: str = "town.txt", **options: str) -> Problem:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_problem(path, **options)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    return str(caught.value)


def test_a_solomon_file(tmp_path: Path) -> None:
    problem = read(tmp_path, SOLOMON)
    assert (problem.name, problem.objective, len(problem.vehicles)) == ("TOWN", "distance", 2)
    assert problem.vehicles[0].capacity == (200,)
    assert (problem.vehicles[0].shift.opens, problem.vehicles[0].shift.closes) == (0, 1236)
    assert [stop.name for stop in problem.stops] == ["1", "2", "3"]
    assert (problem.stops[0].windows[0].opens, problem.stops[0].service) == (912, 90)
    assert problem.travel.metres[0, 1] == 5.0
    assert problem.travel.metres[0, 2] == pytest.approx(2**0.5)
    assert np.array_equal(problem.travel.seconds[0], problem.travel.metres)


def test_negative_demand_is_a_return_and_is_said(tmp_path: Path) -> None:
    problem = read(tmp_path, SOLOMON)
    assert (problem.stops[2].delivery, problem.stops[2].pickup) == ((0.0,), (5.0,))
    assert "3" in problem.notes[0]


def test_the_dimacs_rule_cuts_to_one_decimal(tmp_path: Path) -> None:
    problem = read(tmp_path, SOLOMON, rounding="dimacs")
    assert problem.travel.metres[0, 1:].tolist() == [5.0, 1.4, 7.0]
    assert np.array_equal(problem.travel.seconds[0], problem.travel.metres)
    with pytest.raises(UsageError, match="dimacs"):
        read(tmp_path, SOLOMON, rounding="dimac")


def test_a_capacitated_problem_of_vrplib(tmp_path: Path) -> None:
    problem = read(tmp_path, CAPACITATED)
    assert [stop.name for stop in problem.stops] == ["2", "3", "4"]
    assert [stop.delivery for stop in problem.stops] == [(5.0,), (6.0,), (7.0,)]
    assert problem.travel.metres[0].tolist() == [0.0, 5.0, 10.0, 5.0]
    assert len(problem.vehicles) == 3


def test_a_matrix_windows_and_service_of_vrplib(tmp_path: Path) -> None:
    problem = read(tmp_path, EXPLICIT)
    assert problem.travel.metres.tolist() == [[0, 7, 8], [6, 0, 5], [4, 3, 0]]
    assert [(stop.windows[0].opens, stop.service) for stop in problem.stops] == [(10, 4), (30, 4)]
    assert (len(problem.vehicles), problem.vehicles[0].shift.closes) == (2, 100)
    assert "matrix" in problem.travel.source


def test_a_lower_triangle_several_depots_prizes_backhauls_and_limits(tmp_path: Path) -> None:
    problem = read(tmp_path, SEVERAL_DEPOTS)
    assert [depot.name for depot in problem.depots] == ["2", "4"]
    assert [(car.start, car.most_seconds, car.most_metres) for car in problem.vehicles] == [
        (0, 50, 30), (1, 50, 30), (1, 50, 30),
    ]  # fmt: skip
    assert [(stop.name, stop.delivery, stop.pickup, stop.prize) for stop in problem.stops] == [
        ("1", (5.0,), (0.0,), None), ("3", (4.0,), (2.0,), 8.0),
    ]  # fmt: skip
    assert problem.travel.metres.tolist() == [[0, 5, 1, 3], [5, 0, 4, 6], [1, 4, 0, 2], [3, 6, 2, 0]]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("912        967", "967        912", "line 11"),
        ("    2      1          1 ", "    1      1          1 ", "twice"),
        ("    2      1          1         30", "    2      1          x         30", "line 12"),
        ("870         90", "870", "6 values"),
        ("870         90", "870         -90", "negative"),
        ("  2         200", "  0         200", "line 5"),
        ("  2         200", "", "how many vehicles"),
        ("    0      0 ", "    0      nan ", "line 10"),
        (SOLOMON[SOLOMON.index("    0 ") :], "", "no rows"),
    ],
)
def test_a_broken_solomon_file_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert before in SOLOMON
    assert words in refused(tmp_path, SOLOMON.replace(before, after))


@pytest.mark.parametrize(
    ("text", "before", "after", "words"),
    [
        (CAPACITATED, "3 6 8", "3 6", "line 10 (NODE_COORD)"),
        (CAPACITATED, "3 6 8\n", "", "line 10 (NODE_COORD)"),
        (CAPACITATED, "4 0 5\n", "", "3 rows, DIMENSION says 4"),
        (CAPACITATED, "4 7", "4 seven", "'seven'"),
        (CAPACITATED, " 1\n -1", " 9\n -1", "depot 9"),
        (CAPACITATED, "DEMAND_SECTION", "COLOUR_SECTION", "COLOUR"),
        (CAPACITATED, "TYPE : CVRP", "TYPE : TSP", "type TSP"),
        (CAPACITATED, "EUC_2D", "GEO", "type GEO"),
        (CAPACITATED, "DIMENSION : 4", "DIMENSION : four", "line 4"),
        (CAPACITATED, "DIMENSION : 4", "DIMENSIONS 4", "line 4"),
        (CAPACITATED, "CAPACITY : 10", "CAPACITY : -1", "negative"),
        (EXPLICIT, "6 0 5", "6 0", "EDGE_WEIGHT"),
        (EXPLICIT, "6 0 5\n", "", "2 x 3"),
        (EXPLICIT, "6 0 5", "6 0 -5", "negative"),
        (EXPLICIT, "FULL_MATRIX", "UPPER_ROW", "EDGE_WEIGHT"),
        (EXPLICIT, "2 10 20", "2 20 10", "closes"),
        (EXPLICIT, "SERVICE_TIME : 4", "SERVICE_TIME : -4", "negative"),
        (EXPLICIT, "SERVICE_TIME : 4", "SERVICE_TIME : four", "not a number"),
        (SEVERAL_DEPOTS, "3 2\n4 0\nPRIZE", "3 -2\n4 0\nPRIZE", "line 19 (BACKHAUL)"),
        (SEVERAL_DEPOTS, "1 2\n2 4\n3 4\n", "", "names no vehicle"),
    ],
)
def test_a_broken_vrplib_file_is_told_with_line_and_section(
    tmp_path: Path, text: str, before: str, after: str, words: str
) -> None:
    assert before in text
    assert words in refused(tmp_path, text.replace(before, after))


def test_what_is_no_problem_file_is_said(tmp_path: Path) -> None:
    assert "empty" in refused(tmp_path, " \n")
    assert "DIMENSION" in refused(tmp_path, "a: b\n")
    (tmp_path / "binary.vrp").write_bytes(b"\xff\xfe\x00\x81")
    for name in ("binary.vrp", "missing.vrp", "."):
        with pytest.raises(UsageError):
            read_problem(tmp_path / name)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([SOLOMON, CAPACITATED, EXPLICIT]))
def test_any_broken_text_is_read_or_refused_but_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, text: str
) -> None:
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        line = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "twice", "cut", "other"]))
        if kind == "drop":
            del lines[line]
        elif kind == "twice":
            lines.insert(line, lines[line])
        elif kind == "cut":
            lines[line] = lines[line][: data.draw(st.integers(0, 8))]
        else:
            word = data.draw(st.sampled_from(["", "-1", "1e99", "nan", "0", "x", "::", "EOF", "A_SECTION"]))
            lines[line] = f"{lines[line][: data.draw(st.integers(0, 20))]} {word}"
    path = tmp_path_factory.getbasetemp() / "broken.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        problem = read_problem(path)
    except UsageError:
        return
    size = len(problem.depots) + len(problem.stops)
    assert problem.travel.metres.shape == (size, size)
    assert np.isfinite(problem.travel.metres).all()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError):
        read_problem(path)


@pytest.mark.real_data
def test_all_solomon_instances(shared_data: Path) -> None:
    found = [
        read_problem(path)
        for path in sorted((shared_data / "logistics/solomon_vrptw_100/instances").glob("*.txt"))
    ]
    assert len(found) == 56
    assert {(len(problem.stops), len(problem.vehicles)) for problem in found} == {(100, 25)}
    assert len({problem.name for problem in found}) == 56

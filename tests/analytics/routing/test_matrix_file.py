"""A user's own matrix file: names, coordinates, and lines that are wrong."""

from pathlib import Path

import numpy as np
import pytest

from analytics.routing.matrix_file import read_matrix
from analytics.routing.problem import Place
from connectors.errors import UsageError

DEPOT, NORTH, SOUTH = Place(53.55, 9.99), Place(53.6, 10.0), Place(53.5, 10.0)
NAMES, PLACES = ("D01", "S1", "S2"), (DEPOT, NORTH, SOUTH)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "matrix.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_coordinates_and_places_nobody_asked_for(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "From, to ,metres,seconds,remark\n"
        "D01,S1,5000,600,\n"
        "S1,D01,5100,640,one way street\n"
        'D01,"53.5, 10.0",4000,500,\n'
        "53.50000 10.000001,D01,4100,510,\n"
        "S1,elsewhere,1,1,\n",
    )
    metres, seconds, notes = read_matrix(path, NAMES, PLACES)
    nan = np.nan
    expected = [[nan, 600, 500], [640, nan, nan], [510, nan, nan]]
    assert np.array_equal(seconds, expected, equal_nan=True)
    assert (metres[0, 1], metres[1, 0], metres[0, 2], metres[2, 0]) == (5000, 5100, 4000, 4100)
    assert notes == []


def test_stops_in_one_house_share_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, "from;to;metres;seconds\nD01;53.6 10;5;6\n53.6 10;D01;7;8\n")
    _, seconds, notes = read_matrix(path, ("D01", "A", "B"), (DEPOT, NORTH, NORTH))
    assert np.array_equal(seconds, [[np.nan, 6, 6], [8, np.nan, 0], [8, 0, np.nan]], equal_nan=True)
    assert notes == []


def test_what_is_absent_and_what_comes_twice_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufefffrom,to,metres,seconds\nD01,S1,5,6\nD01,S1,5,9\n")
    _, seconds, notes = read_matrix(path, NAMES, PLACES)
    assert seconds[0, 1] == 9
    assert notes == [
        "Places that the matrix file does not hold: 1 of 3 (S2).",
        "Pairs that the matrix file says more than once: 1; the last one counts.",
    ]


def test_blank_and_nan_are_gaps(tmp_path: Path) -> None:
    path = written(tmp_path, "from,to,metres,seconds\nD01,S1,,6\nS1,D01,5,NaN\nS1,S2,1,2\n")
    metres, seconds, _ = read_matrix(path, NAMES, PLACES)
    assert np.isnan([metres[0, 1], seconds[1, 0]]).all()
    assert seconds[1, 2] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from,to,metres,seconds\nD01,S1,5,6\nD01,S2,5,soon\n", "line 3: «soon» in column «seconds»"),
        ("from,to,metres,seconds\nD01,S1,5,6\n,S2,5,7\n", "line 3: «from» or «to» is empty"),
        ("from,to,metres\nD01,S1,5\n", "line 1: there is no column «seconds»"),
        ("from,to,metres,seconds\nd-1,t-1,5,6\n", "names none of the 3 places"),
        ("", "is no CSV"),
    ],
)
def test_a_file_to_correct_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        read_matrix(written(tmp_path, text), NAMES, PLACES)
    assert error.value.remedy


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_matrix(tmp_path / "none.csv", NAMES, PLACES)

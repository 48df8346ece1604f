"""Routing problems in the text files of the literature: Solomon, Gehring-Homberger and VRPLIB.

Distances are the straight lines between the coordinates, or the matrix of the file, and a unit of length is
driven in a unit of time. `rounding="dimacs"` cuts distances and times to one decimal, the rule of the DIMACS
challenge; results under it are not comparable with unrounded ones. Stops are named as the file numbers them.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import Problem, Travel
from analytics.routing.solomon_text import is_solomon, solomon_parts
from analytics.routing.vrplib_text import vrplib_parts
from connectors.errors import UsageError, did_you_mean

Rounding = Literal["none", "dimacs"]
_KNOWN = "It reads Solomon and Gehring-Homberger text and VRPLIB (.vrp) files."


def read_problem(path: str | Path, rounding: Rounding = "none") -> Problem:
    """The problem of a file, with the objective "distance". Raises UsageError naming the wrong line."""
    if rounding not in {"none", "dimacs"}:
        raise UsageError(f"Rounding '{rounding}' is not known.", did_you_mean(rounding, ("none", "dimacs")))
    path = Path(path)
    lines = _lines(path)
    if not any(line.strip() for line in lines):
        raise UsageError(f"{path.name} is empty.", _KNOWN)
    parts = solomon_parts(path.name, lines) if is_solomon(lines) else vrplib_parts(path.name, lines)
    metres = parts.metres
    if rounding == "dimacs":
        metres = _one_decimal(metres)
    source = "the matrix of the file" if parts.explicit else "straight lines between the file's coordinates"
    if rounding == "dimacs":
        source += ", cut to one decimal"
    return Problem(
        name=parts.name or path.stem,
        depots=parts.depots,
        vehicles=parts.vehicles,
        stops=parts.stops,
        travel=Travel(metres, metres[np.newaxis], source),
        objective="distance",
        notes=parts.notes,
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, beside) if beside else "Check the folder."
        raise UsageError(f"There is no file {path}.", hint) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path.name} is not a text file.", _KNOWN) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise UsageError(f"{path.name} cannot be read: {error}.", "Give the path of a text file.") from None


def _one_decimal(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut, not rounded; a value that is a tenth up to floating point stays what it is."""
    return np.floor(metres * 10 + 1e-9) / 10

"""The leaderboard: every candidate of a training, the best validation loss first, for card and terminal."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.comparison import BEYOND_NOISE, mean_interval
from analytics.evaluation import evaluate, intervals
from analytics.ladder import Candidate, Ladder, predictions
from analytics.models.learner import Inputs
from analytics.task import Kind

Array = NDArray[np.float64]

RULE = (
    "Lowest loss on validation cases no candidate has learned from (log loss; squared error of values); "
    f"a simpler candidate wins unless it is worse beyond noise ({BEYOND_NOISE:.0%} paired bootstrap)."
)
SHOWN = ("auroc", "accuracy", "r2")  # the first there is stands beside the loss on a terminal


def leaderboard(kind: Kind, ladder: Ladder, test: Inputs, truths: Array) -> list[dict[str, Any]]:
    """One entry per candidate; those that could not be fitted come last, with a note and no figures.

    `loss` is the mean over the validation cases, `behind` how much it exceeds that of the chosen one; both
    with 95 % intervals. `test` and `test_intervals` are of the candidate as it was compared.
    """
    chosen = next(each for each in ladder.compared if each.name == ladder.chosen)
    ranked = sorted(ladder.compared, key=lambda each: float(each.losses.mean()))
    entries = []
    for each in ranked:
        assert each.fitted is not None  # noqa: S101 - compared
        judged = predictions(kind, each.calibration, each.fitted.scorer.margins(test))
        behind = each.losses - chosen.losses
        entries.append(
            _entry(each, each is chosen)
            | {
                "loss": float(each.losses.mean()),
                "loss_interval": list(mean_interval(each.losses, ladder.groups)),
                "behind": float(behind.mean()),
                "behind_interval": list(mean_interval(behind, ladder.groups)),
                "test": evaluate(kind, truths, judged),
                "test_intervals": intervals(kind, truths, judged),
            }
        )
    return entries + [_entry(each, chosen=False) for each in ladder.candidates if not each.fitted]


def in_lines(entries: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """The leaderboard as rows of text, for a table on a terminal; the chosen candidate has a star."""
    measures = {name for entry in entries for name in entry["test"]}
    shown = next((name for name in SHOWN if name in measures), SHOWN[0])
    return [
        {
            "candidate": entry["name"] + (" *" if entry["chosen"] else ""),
            "validation loss": _with_interval(entry["loss"], entry["loss_interval"]),
            "behind the chosen": ""
            if entry["chosen"]
            else _with_interval(entry["behind"], entry["behind_interval"]),
            f"test {shown}": _with_interval(entry["test"].get(shown), entry["test_intervals"].get(shown)),
            "seconds": f"{entry['seconds']:.1f}",
            "note": entry["note"],
        }
        for entry in entries
    ]


def _entry(candidate: Candidate, chosen: bool) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "chosen": chosen,
        "loss": None,
        "loss_interval": None,
        "behind": None,
        "behind_interval": None,
        "test": {},
        "test_intervals": {},
        "seconds": round(candidate.seconds, 1),
        "note": candidate.note,
    }


def _with_interval(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" + (f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else "")

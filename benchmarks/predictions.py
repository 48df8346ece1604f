"""Our predictions beside those of peers: same folds for all, same threads, equal seconds for every fit.

Ours is what `sda train` makes (`analytics.fitting.fit_model`); the peers are in `benchmarks.peers`, those not
installed are told. Prints JSON: per set AUROC, log loss and ECE of each, by how much ours is ahead of each
peer with a paired bootstrap interval, and everybody's mean rank over the sets.
"""

import argparse
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics.evaluation import auroc
from benchmarks.comparison import Scores, figures, lead, mean_ranks
from benchmarks.peers import PEERS, Given, prepared
from benchmarks.shared import Array, our_model
from benchmarks.tables import TABLES, Fold, Table

AIMS = {"credit_cards": 0.789, "heart": 0.912, "diabetes": 0.840}
MODULES = {"hist_gradient_boosting": "sklearn", "logistic": "sklearn"}
MOST_ECE, MANY_ROWS = 0.02, 5_000
MOST_BELOW_TRUTH = 0.01


def judged(name: str, table: Table, peers: list[str], seconds: float, threads: int) -> dict[str, Any]:
    """Figures of ours and of each peer on one table."""
    scores, spent = _scores(name, table, peers, seconds, threads)
    models = {
        who: figures(table, found) | {"seconds_per_fit": round(spent[who] / len(table.folds), 1)}
        for who, found in scores.items()
    }
    answer: dict[str, Any] = {
        "rows": len(table.cases),
        "columns": table.cases.features.width,
        "judged_on": table.judged_on,
        "seconds_allowed": seconds,
        "models": models,
    }
    if peers:
        best = max(peers, key=lambda peer: models[peer]["auroc"]["mean"])
        answer["best_peer"] = best
        answer["ours_ahead_of"] = lead(table, scores["ours"], {peer: scores[peer] for peer in peers})
    if table.truth is not None:
        truth = table.truth
        ideal = [auroc(table.labels[test], truth[test]) for _, test in table.folds]
        answer["auroc_of_truth"] = round(sum(ideal) / len(ideal), 4)
    return answer | {"goals": _goals(name, table, answer)}


def _scores(
    name: str, table: Table, peers: list[str], seconds: float, threads: int
) -> tuple[dict[str, Scores], dict[str, float]]:
    """Test probabilities of everybody fold by fold, and the seconds each spent on all folds."""
    scores: dict[str, Scores] = {"ours": [], **{peer: [] for peer in peers}}
    spent = dict.fromkeys(scores, 0.0)
    features = prepared(table.cases.features)
    for number, fold in enumerate(table.folds, 1):
        learn, test = fold
        given = Given(features[learn], table.labels[learn], features[test], seconds, threads)
        for who, found in scores.items():
            start = time.perf_counter()
            found.append(_ours(table, fold, seconds, threads) if who == "ours" else PEERS[who](given))
            spent[who] += time.perf_counter() - start
        print(f"{name}: {number} of {len(table.folds)} folds", file=sys.stderr, flush=True)
    return scores, spent


def _ours(table: Table, fold: Fold, seconds: float, threads: int) -> Array:
    learn, test = fold
    model = our_model(table.task, table.cases.rows(learn), table.labels[learn], threads, seconds)
    return model.predict(table.cases.rows(test)).score


def _goals(name: str, table: Table, answer: dict[str, Any]) -> dict[str, Any]:
    """What was asked for on this table, and whether it is reached."""
    ours = answer["models"]["ours"]
    goals: dict[str, Any] = {}
    if name in AIMS:
        goals["auroc_at_least"] = {"aim": AIMS[name], "reached": ours["auroc"]["mean"] >= AIMS[name]}
    if table.truth is not None:
        below = round(answer["auroc_of_truth"] - ours["auroc"]["mean"], 4)
        goals["below_truth_at_most"] = {
            "aim": MOST_BELOW_TRUTH,
            "below": below,
            "reached": below <= MOST_BELOW_TRUTH,
        }
    if sum(len(test) for _, test in table.folds) > MANY_ROWS:
        goals["ece_at_most"] = {"aim": MOST_ECE, "reached": ours["ece"] <= MOST_ECE}
    if "best_peer" in answer:
        ahead = answer["ours_ahead_of"][answer["best_peer"]]["auroc"]
        goals["not_behind_the_best_peer"] = {"reached": ahead["interval"][1] >= 0}
    return goals


def ranked(sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The mean rank of everybody over the sets, by AUROC and by log loss."""
    places = {
        measure: mean_ranks(
            [
                {who: found[measure]["mean"] for who, found in each["models"].items()}
                for each in sets.values()
            ],
            lowest_first=measure == "log_loss",
        )
        for measure in ("auroc", "log_loss")
    }
    first = {measure: min(found, key=lambda who: found[who]) == "ours" for measure, found in places.items()}
    return {"sets": list(sets), **places, "goal": {"ours_first": first}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", choices=list(TABLES), default=list(TABLES), metavar="SET")
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS), metavar="PEER")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=1, help="of the folds, where they are drawn by chance")
    parser.add_argument("--seconds", type=float, help="of each fit; by default 30, for small tables 10")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    there = [peer for peer in given.peers if find_spec(MODULES.get(peer, peer))]
    sets = {}
    for name in given.sets:
        table = TABLES[name](given.folds, given.repeats)
        sets[name] = judged(name, table, there, given.seconds or table.seconds, given.threads)
    absent = [peer for peer in given.peers if peer not in there]
    print(json.dumps({"sets": sets, "mean_rank": ranked(sets), "peers_not_installed": absent}, indent=2))


if __name__ == "__main__":
    main()

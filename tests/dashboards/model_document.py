"""A model version's figures as training writes them, and a check of it: what its pages are drawn from."""

import math
from typing import Any

from pipelines.store import Check, ModelVersion
from tests.dashboards.lake import LAST_DAY, MODEL

HOSTILE = "<script>alert('x')</script> **bold** | pipe"


def metrics() -> dict[str, Any]:
    """Everything there is to say of a binary model."""
    return {
        "test": {
            "auroc": 0.8123,
            "auprc": 0.41,
            "ks": 0.48,
            "brier": 0.0687,
            "log_loss": 0.2411,
            "ece": 0.0112,
        },
        "intervals": {
            "auroc": [0.795, 0.829],
            "auprc": [0.38, 0.44],
            "brier": [0.065, 0.073],
            "log_loss": [0.23, 0.25],
            "ece": [0.008, 0.019],
        },
        "reliability": {
            "predicted": [0.01, 0.03, 0.07, 0.15, 0.4],
            "observed": [0.012, 0.028, 0.08, 0.14, 0.42],
            "cases": [400.0] * 5,
        },
        "leaderboard": [
            _candidate("boosting", loss=0.2403, behind=(0.0, 0.0, 0.0), auroc=0.8123, chosen=True),
            _candidate("blend", loss=0.2401, behind=(-0.0002, -0.0011, 0.0008), auroc=0.8131),
            _candidate("transformer", loss=0.2437, behind=(0.0034, -0.0004, 0.0071), auroc=0.8052),
            _candidate("linear", loss=0.2512, behind=(0.0109, 0.0062, 0.0158), auroc=0.7841),
            {"name": "another", "chosen": False, "seconds": 0.0, "note": "not tried: too few seconds"},
        ],
        "choice": {
            "validation": "forward in time",
            "rows": 8000,
            "rule": "Least validation loss; the simpler one unless the other is better beyond noise.",
        },
        "calibration": {
            "method": "beta",
            "losses": {"none": 0.2421, "platt": 0.2415, "isotonic": 0.2418, "beta": 0.2411},
            "brier": {"reliability": 0.0004, "resolution": 0.0153, "uncertainty": 0.0836},
        },
        "coverage": {
            "nominal": 0.9,
            "rows": 2000,
            "overall": 0.906,
            "by_class": {"no": 0.908, "yes": 0.891},
            "mean_size": 1.21,
            "by_group": {
                "gender": [
                    {"group": "female", "cases": 1010, "coverage": 0.91},
                    {"group": "male", "cases": 990, "coverage": 0.902},
                ]
            },
        },
        "decision": decision(),
        "fairness": fairness(),
        "importance": [
            {"feature": "returned_debits", "share": 0.31},
            {"feature": "income_trend", "share": 0.22},
            {"feature": "spending_to_income", "share": 0.17},
            {"feature": "brake_fault", "share": 0.16},
            {"feature": "age_years", "share": 0.14},
        ],
    }


def _candidate(
    name: str, *, loss: float, behind: tuple[float, float, float], auroc: float, chosen: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "chosen": chosen,
        "loss": loss,
        "loss_interval": [loss - 0.012, loss + 0.012],
        "behind": behind[0],
        "behind_interval": list(behind[1:]),
        "test": {"auroc": auroc},
        "test_intervals": {"auroc": [auroc - 0.017, auroc + 0.017]},
        "seconds": 12.4,
        "note": "",
    }


def decision() -> dict[str, Any]:
    """Costs 5 to 1, so that it pays to act from a sixth on. Shares are those of 9.2 % events."""
    places = [k / 100 for k in range(100)]
    missed = [0.092 * (1 - math.exp(-4 * t)) for t in places]
    false_alarms = [0.908 * math.exp(-14 * t) for t in places]
    cost = [5 * miss + alarm for miss, alarm in zip(missed, false_alarms, strict=True)]
    least = min(range(len(cost)), key=cost.__getitem__)
    benefit = [
        0.092 - miss - alarm * t / (1 - t)
        for t, miss, alarm in zip(places, missed, false_alarms, strict=True)
    ]
    everyone = [0.092 - 0.908 * t / (1 - t) for t in places]
    return {
        "miss": 5.0,
        "false_alarm": 1.0,
        "threshold": 1 / 6,
        "expected_cost": cost[17],
        "lowest": {"threshold": places[least], "expected_cost": cost[least]},
        "curve": {
            "threshold": places,
            "expected_cost": cost,
            "missed": missed,
            "false_alarms": false_alarms,
        },
        "act_on_all": 0.908,
        "act_on_none": 0.46,
        "net_benefit": {"threshold": places, "model": benefit, "all": everyone},
    }


def fairness() -> dict[str, Any]:
    """Two attributes; one group too small to judge, with a name that tries to format the page."""

    def group(name: str, cases: int, rate: float, selected: float) -> dict[str, Any]:
        return {
            "group": name,
            "cases": cases,
            "observed": rate,
            "mean_score": rate + 0.004,
            "selection_rate": [selected, selected - 0.02, selected + 0.02],
            "auroc": [0.81, 0.78, 0.84],
            "ece": [0.014, 0.008, 0.024],
            "false_negative_rate": [0.31, 0.24, 0.38],
            "false_positive_rate": [0.12, 0.1, 0.14],
        }

    return {
        "gender": [
            group("female", 1010, 0.088, 0.17),
            group("male", 985, 0.096, 0.19),
            {"group": HOSTILE, "cases": 5, "too_small": True, "observed": None, "selection_rate": None},
        ],
        "age_years": [
            group("18–29", 410, 0.13, 0.28),
            group("30–44", 720, 0.09, 0.18),
            group("45–59", 560, 0.08, 0.15),
            group("60+", 310, 0.07, 0.12),
        ],
    }


def version(task: str, figures: dict[str, Any] | None = None, **given: Any) -> ModelVersion:
    """A version in service with these figures (default: all of them)."""
    fields: dict[str, Any] = {
        "version": MODEL,
        "state": "in_service",
        "snapshot_id": 7,
        "path": "models/none",
        "checksum": "none",
        "metrics": metrics() if figures is None else figures,
        "rows": {"train": 9000, "calibration": 1500, "test": 2000, "split": "time", "cross_fitted": False},
        "note": "Promoted: better than the base rate on 2000 held-out cases (loss 0.24110, 0.30730).",
    }
    return ModelVersion(task=task, **(fields | given))


def check(task: str, verdict: str = "watch", **given: Any) -> Check:
    """A check whose `income_trend` has moved, with performance measured and estimated."""
    moved = {"feature": "income_trend", "psi": 0.24, "effect": 0.35, "p_adjusted": 0.0004, "rows": 900}
    still = {"feature": "returned_debits", "psi": 0.01, "effect": 0.02, "p_adjusted": 0.8, "rows": 900}
    fields: dict[str, Any] = {
        "version": MODEL,
        "as_of": LAST_DAY,
        "verdict": verdict,
        "summary": "income_trend has moved.",
        "detail": {
            "score": {"psi": 0.06, "effect": 0.1, "p_adjusted": 0.2, "rows": 900, "verdict": "fine"},
            "features": [{**moved, "verdict": verdict}, {**still, "verdict": "fine"}],
            "performance": {
                "cases": 640,
                "metrics": {"auroc": 0.791, "brier": 0.081, "ece": 0.021},
                "intervals": {"auroc": [0.74, 0.84]},
                "rate": {"predicted": 0.091, "observed": 0.104},
                "verdict": "fine",
                "note": "",
            },
            "estimated": {
                "cases": 900,
                "metrics": {"auroc": 0.803, "brier": 0.07, "rate": 0.09},
                "intervals": {},
            },
        },
    }
    return Check(task=task, **(fields | given))

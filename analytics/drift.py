"""How far distributions have moved from a reference: PSI, effect size, corrected p-values, one verdict each.

The written rule. A feature (or the score) is in `watch` or `act` only where all three agree:

- the shift is no accident: chi-squared test of the bins, corrected over all features (Holm), p below 0.01;
- it is large on the scale of credit scoring: population stability index (PSI) from 0.1 / 0.25;
- its effect, the Jensen-Shannon distance (0: same, 1: nothing in common; freed of what chance alone gives at
  these sample sizes), reaches 0.1 / 0.2, and a quarter more than days of scoring usually differ among
  themselves (`usual`): a weekday or a month moves every day and means nothing.

So with many rows significance alone never alarms, and with few rows a large accident does not either. Below
`FEWEST` rows nothing is said: fine, noted as «too few».
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.matrix import kind_of

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Reference = dict[str, Any]  # of one feature, as JSON
Verdict = Literal["fine", "watch", "act"]

BINS = 10
FEWEST = 100  # rows, in the reference and now
ALPHA = 0.01
PSI = {"watch": 0.1, "act": 0.25}
EFFECT = {"watch": 0.1, "act": 0.2}
BROKEN = 0.5  # an effect that no change of the world has: another unit, a field no longer filled
BEYOND_USUAL = 1.25
_MOST_USUAL = 0.9 / BEYOND_USUAL  # even the most restless feature cannot hide that it is gone
_MOST_CATEGORIES = 250
_RARE = 0.01  # categories below this share are one bin
_SMALLEST_SHARE = 1e-4  # an empty bin, for the logarithm of PSI


def reference(values: pl.Series, groups: pl.Series | None = None) -> Reference | None:
    """Bins and shares of one feature, as JSON; None for a type no model reads.

    `groups` (one label a row, such as the day it belongs to) tells how far the feature moves by itself.
    """
    kind = kind_of(values.dtype)
    if kind is None:
        return None
    if kind == "category":
        # Named from every other row and counted on the rest: counted on the rows that name them, categories
        # look more frequent, and fewer of them new, than they will ever be again.
        found = _bins_of_categories(values.gather_every(2))
        values = values.gather_every(2, offset=1)
        groups = None if groups is None else groups.gather_every(2, offset=1)
    else:
        found = _bins_of_numbers(values)
    codes = _codes(found, values)
    counts = np.bincount(codes, minlength=_width(found)).astype(float)
    usual = _usual(codes, counts, groups)
    return found | {
        "rows": len(values),
        "shares": (counts / max(1.0, counts.sum())).round(6).tolist(),
        "missing": round(float(counts[-1] / max(1, len(values))), 6),
        "usual": usual,
    }


def compared(references: Mapping[str, Reference], frame: pl.DataFrame) -> list[dict[str, Any]]:
    """How each feature of `frame` stands against its reference; worst first.

    Each has `feature, psi, effect, usual, p_adjusted, rows, verdict, missing, missing_before, unseen` (the
    share of cases in categories that the reference did not have) and `note`. `usual` is the effect that days
    have among themselves. A column that is not there is all missing.
    """
    found = [
        _figures(name, before, frame[name] if name in frame.columns else _nothing(frame.height))
        for name, before in references.items()
    ]
    for entry, p_adjusted in zip(found, holm([entry.pop("p") for entry in found]), strict=True):
        entry["p_adjusted"] = p_adjusted
        entry["verdict"] = "fine" if entry["note"] else _verdict(entry)
    return sorted(found, key=lambda entry: (-_WORST[entry["verdict"]], -entry["effect"], entry["feature"]))


_WORST: dict[str, int] = {"fine": 0, "watch": 1, "act": 2}


def worst(verdicts: Sequence[str]) -> Verdict:
    """The gravest of these verdicts; fine where there is none."""
    found: Verdict = "fine"
    for verdict in ("watch", "act"):
        if verdict in verdicts:
            found = verdict
    return found


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979): the chance of one false alarm among all."""
    order = np.argsort(p_values)
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def _figures(name: str, before: Reference, values: pl.Series) -> dict[str, Any]:
    old = np.asarray(before["shares"]) * before["rows"]
    new = np.bincount(_codes(before, values), minlength=_width(before)).astype(float)
    too_few = min(before["rows"], len(values)) < FEWEST
    rows = max(1, len(values))
    return {
        "feature": name,
        "psi": round(psi(old, new), 4),
        "effect": round(effect(old, new), 4),
        "p": 1.0 if too_few else _p_value(old, new),
        "rows": len(values),
        "missing": round(float(new[-1] / rows), 4),
        "missing_before": before["missing"],
        "unseen": round(float(new[-2] / rows), 4) if "categories" in before else 0.0,
        "usual": before["usual"],
        "note": f"too few: {len(values)} rows, {before['rows']} before" if too_few else "",
    }


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    beyond = BEYOND_USUAL * min(entry["usual"], _MOST_USUAL)
    reached: list[Verdict] = [
        level
        for level in ("watch", "act")
        if entry["p_adjusted"] < ALPHA
        and entry["psi"] >= PSI[level]
        and entry["effect"] >= max(EFFECT[level], beyond)
    ]
    return worst(reached)


def psi(before: Array, now: Array) -> float:
    """Population stability index of two rows of counts over the same bins."""
    old = np.maximum(before / before.sum(), _SMALLEST_SHARE)
    new = np.maximum(now / max(1.0, now.sum()), _SMALLEST_SHARE)
    return float(np.sum((new - old) * np.log(new / old)))


def effect(before: Array, now: Array) -> float:
    """Jensen-Shannon distance of two rows of counts, less what chance alone gives: 0 to 1."""
    old, new = before / before.sum(), now / max(1.0, now.sum())
    middle = (old + new) / 2
    divergence = sum(
        float(np.sum(part[part > 0] * np.log(part[part > 0] / middle[part > 0]))) / 2 for part in (old, new)
    )
    # The divergence of two samples of one distribution is an eighth of a chi-squared number in the mean.
    chance = (np.count_nonzero(before + now) - 1) / 8 * (1 / before.sum() + 1 / max(1.0, now.sum()))
    return float(np.sqrt(max(0.0, min(1.0, (divergence - chance) / np.log(2)))))


def _p_value(before: Array, now: Array) -> float:
    """Chi-squared test that two rows of counts are of one distribution; bins of few cases are pooled."""
    from scipy.special import chdtrc

    total, share = before + now, now.sum() / (before.sum() + now.sum())
    sparse = total * min(share, 1 - share) < 5
    pooled = [np.append(row[~sparse], row[sparse].sum()) for row in (before, now)]
    kept = (pooled[0] + pooled[1]) > 0
    old, new = pooled[0][kept], pooled[1][kept]
    if len(old) < 2:
        return 1.0
    together = old + new
    statistic = sum(
        float(np.sum((row - together * part) ** 2 / (together * part)))
        for row, part in ((old, 1 - share), (new, share))
    )
    return float(chdtrc(len(old) - 1, statistic))


def _bins_of_numbers(values: pl.Series) -> Reference:
    numbers = _numbers(values)
    known = numbers[np.isfinite(numbers)]
    distinct = np.unique(known)
    if len(distinct) <= BINS:
        edges = (distinct[:-1] + distinct[1:]) / 2
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    return {"kind": "number", "edges": edges.tolist()}


def _bins_of_categories(values: pl.Series) -> Reference:
    """The frequent categories, a bin each, and the rare together: a bin of a few cases measures chance."""
    counts = pl.DataFrame({"value": _texts(values)}).drop_nulls().group_by("value").len()
    named = counts.sort(["len", "value"], descending=[True, False]).head(_MOST_CATEGORIES)
    frequent = pl.col("len") >= _RARE * len(values)
    return {
        "kind": "category",
        "categories": named.filter(frequent)["value"].to_list(),
        "rare": named.filter(~frequent)["value"].to_list(),
    }


def _codes(before: Reference, values: pl.Series) -> Codes:
    """The bin of each value: the last is «missing», of categories those before it «rare», «not seen»."""
    if before["kind"] == "category":
        names = before["categories"]
        places = dict(zip(names, range(len(names)), strict=True))
        places |= dict.fromkeys(before["rare"], len(names))
        frame = pl.DataFrame({"value": _texts(values)}, schema={"value": pl.String})
        place = pl.col("value").replace_strict(places, default=len(names) + 1, return_dtype=pl.Int64)
        known = pl.when(pl.col("value").is_null()).then(len(names) + 2).otherwise(place)
        return frame.select(code=known)["code"].to_numpy()
    numbers = _numbers(values)
    edges = np.asarray(before["edges"])
    return np.where(np.isfinite(numbers), np.searchsorted(edges, numbers, "right"), len(edges) + 1)


def _width(before: Reference) -> int:
    return len(before["categories"]) + 3 if before["kind"] == "category" else len(before["edges"]) + 2


def _usual(codes: Codes, counts: Array, groups: pl.Series | None) -> float:
    """The largest effect of one group against all: how far the feature moves without anything being wrong."""
    if groups is None:
        return 0.0
    labels = groups.rank("dense").fill_null(0).to_numpy()
    parts = [codes[labels == label] for label in np.unique(labels) if label]
    large = [part for part in parts if len(part) >= FEWEST]
    if len(large) < 2:
        return 0.0
    width = len(counts)
    return round(max(effect(counts, np.bincount(part, minlength=width).astype(float)) for part in large), 4)


def _numbers(values: pl.Series) -> Array:
    if values.dtype in (pl.Duration, pl.Time, pl.Date, pl.Datetime):
        values = values.cast(pl.Int64)
    return values.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def _texts(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String)
    return text.set(text == "", None)


def _nothing(rows: int) -> pl.Series:
    return pl.Series([None] * rows, dtype=pl.Float64)

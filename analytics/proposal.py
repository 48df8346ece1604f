"""What can be predicted from a table nobody has described: the kind of target, and which columns to use."""

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics.cases import class_names
from analytics.matrix import is_constant, kind_of
from analytics.task import Flat, Kind
from connectors.errors import AssistantError, UsageError, did_you_mean

MOST_CLASSES = 50
MOST_NUMBERED_CLASSES = 10  # a whole number with more values than this is an amount
_POSITIVE = (
    "1",
    "yes",
    "y",
    "true",
    "t",
    "positive",
    "bad",
    "default",
    "late",
    "churned",
    "是",
    "有",
    "阳性",
)
_KEY_NAME = re.compile(
    r"(^|[^a-z])(id|key|uuid|guid|nr|no|number|index|row)$|^id|编号|序号|号$", re.IGNORECASE
)
_NAME = re.compile(r"^\w[\w-]*(\.\w[\w-]*)*$")


@dataclass(frozen=True)
class Proposal:
    """A task for `[tasks."<name>"]` of the settings file, and what a person should know before using it."""

    name: str
    entry: dict[str, Any]
    rows: int
    features: tuple[str, ...]
    left_out: dict[str, str]  # column -> why

    def in_words(self) -> str:
        """One line a fact, for the command line."""
        kind = self.entry["kind"] + (
            f" ({', '.join(self.entry['classes'])})" if self.entry["classes"] else ""
        )
        lines = [
            f"{self.name}: predicts «{self.entry['target']}» of {self.entry['table']}: {kind}.",
            f"{self.rows} rows with a known outcome, {len(self.features)} columns to learn from.",
        ]
        return "\n".join(lines + [f"Left out: «{name}», {why}." for name, why in self.left_out.items()])


def propose(name: str, table: str, rows: pl.DataFrame, flat: Flat, kind: Kind | None = None) -> Proposal:
    """A task over the columns of `rows`; raises UsageError or AssistantError where none can be made."""
    if not _NAME.match(name):
        raise UsageError(
            f"«{name}» is no name for a task.", "Use letters, digits, _ and -, with dots between."
        )
    check_columns(table, rows.columns, flat)
    target = rows[flat.target]
    found = kind or inferred_kind(target)
    classes = inferred_classes(target, found)
    features = rows.drop({flat.target, flat.entity, flat.time, *flat.drop} & set(rows.columns))
    known = target.is_not_null()
    unused = left_out(features.filter(known), target.filter(known), flat.keep)
    used = tuple(name for name in features.columns if name not in unused)
    if not used:
        raise AssistantError(
            f"{table} has no column to learn «{flat.target}» from.", "See what was left out."
        )
    entry = {
        "table": table,
        "target": flat.target,
        "kind": found,
        "classes": list(classes),
        "entity": flat.entity,
        "time": flat.time,
        "drop": list(flat.drop),
        "keep": list(flat.keep),
    }
    return Proposal(name, entry, int(known.sum()), used, unused)


def check_columns(table: str, columns: list[str], flat: Flat) -> None:
    """Raises UsageError with the nearest names for a column that the table does not have."""
    for name in (flat.target, flat.entity, flat.time, *flat.drop, *flat.keep):
        if name and name not in columns:
            raise UsageError(f"{table} has no column «{name}».", did_you_mean(name, columns))


def inferred_kind(target: pl.Series) -> Kind:
    """binary for two values, multiclass for a few classes, regression for numbers of many values."""
    known = target.drop_nulls()
    values = class_names(known).drop_nulls().n_unique()
    if values < 2:
        shown = f" («{known[0]}»)" if len(known) else ""
        raise AssistantError(
            f"The target «{target.name}» has {values or 'no'} value{shown}: there is nothing to tell apart.",
            "Choose another target, or load rows with other outcomes.",
        )
    if values == 2:
        return "binary"
    whole = known.dtype.is_integer() or (known.dtype.is_float() and bool((known == known.round()).all()))
    if known.dtype.is_numeric():
        return "multiclass" if whole and values <= MOST_NUMBERED_CLASSES else "regression"
    if kind_of(known.dtype) == "category" and values <= MOST_CLASSES:
        return "multiclass"
    raise AssistantError(
        f"The target «{target.name}» has {values} different values and is not a number.",
        f"Choose a number, or a column of at most {MOST_CLASSES} classes.",
    )


def inferred_classes(target: pl.Series, kind: Kind) -> tuple[str, ...]:
    """The class names; of two the second is the event: the one that says yes, else the higher or rarer."""
    if kind == "regression":
        return ()
    counts = class_names(target.drop_nulls()).drop_nulls().value_counts().sort("count", target.name)
    names: list[str] = counts[target.name].to_list()
    if kind == "multiclass":
        return tuple(sorted(names, key=_numbers_first))
    if len(names) != 2:
        raise UsageError(f"The target «{target.name}» has {len(names)} values, not two.", "Leave --kind out.")
    if target.dtype.is_numeric():
        return tuple(sorted(names, key=float))
    positive = next((name for name in names if name.lower() in _POSITIVE), names[0])
    return (next(name for name in names if name != positive), positive)


def left_out(features: pl.DataFrame, labels: pl.Series, keep: tuple[str, ...] = ()) -> dict[str, str]:
    """Columns that would mislead a model, each with the reason in words."""
    reasons = {}
    for values in features.iter_columns():
        reason = "" if values.name in keep else _reason_against(values, labels)
        if reason:
            reasons[values.name] = reason
    return reasons


def _reason_against(values: pl.Series, labels: pl.Series) -> str:
    if kind_of(values.dtype) is None:
        return f"values of type {values.dtype} are not understood"
    if is_constant(values):
        return "all its values are the same"
    if _is_identifier(values):
        return "it names the row rather than describing it"
    if _copies(values, labels):
        return "it says the same as the target"
    return ""


def _is_identifier(values: pl.Series) -> bool:
    known = values.drop_nulls()
    distinct = known.n_unique()
    if kind_of(values.dtype) == "category":
        return distinct > 50 and distinct > 0.5 * len(known)
    if not values.dtype.is_integer() or distinct < len(known) or len(known) < 20:
        return False
    span = int(known.max()) - int(known.min()) + 1  # type: ignore[arg-type]
    return bool(_KEY_NAME.search(values.name)) or span <= 1.05 * distinct


def _copies(values: pl.Series, labels: pl.Series) -> bool:
    """Whether each value goes with one outcome and each outcome with one value."""
    if labels.dtype.is_float() and labels.n_unique() > MOST_CLASSES:
        return values.dtype.is_numeric() and bool((values.cast(pl.Float64) == labels).all())
    distinct = values.n_unique()
    pairs = pl.DataFrame({"value": values, "label": labels}).n_unique()
    return distinct == labels.n_unique() == pairs


def _numbers_first(name: str) -> tuple[float, str]:
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name

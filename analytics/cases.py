"""Cases: who, as of when, what came of it, and everything known about it by then."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.events import Events
from analytics.task import Kind, Task
from connectors.errors import AssistantError

FEWEST_ROWS = 50


@dataclass(frozen=True)
class Cases:
    """Cases of one task. `keys` has entity_id and as_of, `features` the same rows in the same order.

    `labels` are raw (0/1, class names, numbers) and null where the outcome is not known; without them the
    cases are to be predicted. `events` are what each case has been through, `also` further outcomes of it
    (one column each, 0/1 or null) that a model of several heads may learn but none may read. `notes` say in
    words what was left out on the way.
    """

    keys: pl.DataFrame
    features: pl.DataFrame
    labels: pl.Series | None = None
    snapshot_id: int = 0
    notes: tuple[str, ...] = ()
    events: Events | None = None
    also: pl.DataFrame | None = None

    def __len__(self) -> int:
        return self.keys.height

    def rows(self, positions: NDArray[np.int64]) -> "Cases":
        """The cases at these positions."""
        return replace(
            self,
            keys=self.keys[positions],
            features=self.features[positions],
            labels=None if self.labels is None else self.labels[positions],
            events=None if self.events is None else self.events.rows(positions),
            also=None if self.also is None else self.also[positions],
        )

    def part(self, start: int, length: int) -> "Cases":
        """A run of cases, without copying them."""
        return replace(
            self,
            keys=self.keys.slice(start, length),
            features=self.features.slice(start, length),
            labels=None if self.labels is None else self.labels.slice(start, length),
            events=None if self.events is None else self.events.part(start, length),
            also=None if self.also is None else self.also.slice(start, length),
        )

    def settled(self) -> "Cases":
        """The cases whose outcome is known."""
        return self if self.labels is None else self.rows(self.labels.is_not_null().arg_true().to_numpy())

    def open(self) -> "Cases":
        """The cases whose outcome is not known."""
        return self if self.labels is None else self.rows(self.labels.is_null().arg_true().to_numpy())


def fates(task: Task, keys: pl.DataFrame) -> pl.DataFrame:
    """The keys of cases; entity is what those of one fate share, as they are never divided between parts."""
    if not task.shared_before:
        return keys
    return keys.with_columns(pl.col("entity_id").str.split(task.shared_before).list.first())


def class_names(labels: pl.Series) -> pl.Series:
    """Class labels as text, the same however a source writes them: 1, 1.0 and «1 » are one class."""
    if labels.dtype.is_float() and (labels.drop_nulls() == labels.drop_nulls().round()).all():
        labels = labels.cast(pl.Int64)
    text = labels.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def numbered_labels(kind: Kind, labels: pl.Series, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """Labels as a model reads them: 0/1, the number of the class, or the value.

    Raises AssistantError for a class that is not in `classes`.
    """
    if kind == "regression" or not classes:
        return labels.cast(pl.Float64).to_numpy()
    names = class_names(labels)
    unknown = names.filter(~names.is_in(list(classes)))
    if len(unknown):
        raise AssistantError(
            f"The outcome «{unknown[0]}» ({len(unknown)} rows) is not one of: {', '.join(classes)}.",
            "Correct the rows, or make the task anew to take the class in.",
        )
    return names.replace_strict(list(classes), list(range(len(classes))), return_dtype=pl.Float64).to_numpy()


def check_trainable(task: str, kind: Kind, labels: NDArray[np.float64], classes: tuple[str, ...]) -> None:
    """Raises AssistantError, with what to do, if these settled outcomes cannot teach a model."""
    if len(labels) < FEWEST_ROWS:
        raise AssistantError(
            f"{task}: only {len(labels)} rows have a known outcome; at least {FEWEST_ROWS} are needed.",
            "Load more rows, or choose another target.",
        )
    if not np.isfinite(labels).all():
        raise AssistantError(
            f"{task}: some outcomes are infinite.", "Correct those rows of the target column."
        )
    present, counts = np.unique(labels, return_counts=True)
    if len(present) == 1:
        value = classes[int(present[0])] if classes else f"{present[0]:g}"
        raise AssistantError(
            f"{task}: every known outcome is the same ({value}), so there is nothing to learn.",
            "Choose another target, or load rows with other outcomes.",
        )
    if kind != "regression" and counts.min() < 2:
        rare = int(present[counts.argmin()])
        raise AssistantError(
            f"{task}: only one row has the outcome «{classes[rare] if classes else rare}».",
            "Load more such rows, or leave that one out.",
        )

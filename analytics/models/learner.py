"""What every family of models takes and gives, so that choice, scoring and reasons know none by name.

A family is a module of `analytics/models/` with `NAME`, `fit(problem, folds, effort) -> Fitted` and
`load(folder, content, threads) -> Scorer`; `update(scorer, problem, folds, effort) -> Fitted` continues a
fitted model on the rows of `problem`, which is coded by that model's books. `analytics.models.families` lists
them, simplest first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from analytics.events import EventBatch, EventBook
from analytics.matrix import CodeBook, Matrix
from analytics.task import Kind

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Progress = Callable[[str], None]
Device = Literal["cpu", "cuda"]

STOPPING = 7  # one row in so many says when to stop
RUN = 50


@dataclass(frozen=True)
class Inputs:
    """Cases as models read them: the coded matrix, shape (rows, columns), and each case's events."""

    matrix: Matrix
    events: EventBatch | None = None

    def __len__(self) -> int:
        return len(self.matrix)

    def rows(self, positions: NDArray[Any]) -> "Inputs":
        """The cases at these positions (or where a mask is true)."""
        chosen = np.flatnonzero(positions) if positions.dtype == bool else positions
        return Inputs(self.matrix[chosen], None if self.events is None else self.events.rows(chosen))


@dataclass(frozen=True)
class Contributions:
    """How far each column, and each event, moved the raw score of each case away from `base`.

    `columns` has shape (rows, matrix columns), with several classes (rows, classes, matrix columns); `base`
    (rows,) or (rows, classes). `events`, where the model reads any, has one entry per event of the batch, in
    its order: shape (events,) or (events, classes). base + columns + events sum to the raw score.
    """

    columns: Array
    base: Array
    events: Array | None = None


class Scorer(Protocol):
    """A fitted model of one family. A raw score is log-odds (binary), one per class, or the value itself."""

    @property
    def family(self) -> str:
        """The `NAME` of the module that can load it."""
        ...

    @property
    def reads_events(self) -> bool:
        """Whether it needs the events of a case; where none does, scoring is spared reading them."""
        ...

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        ...

    def contributions(self, inputs: Inputs) -> Contributions:
        """What moved each raw score."""
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes what is not JSON into files of `folder` named after the family (`boosting_0.txt`); returns
        the rest, for the card."""
        ...


@dataclass(frozen=True)
class Problem:
    """What is to be learned: inputs and outcomes of the learning rows, and what the task says of them.

    `labels` (rows,) are 0/1, class numbers or values. `monotone` has one direction per matrix column, or none
    at all. `also` (rows, others) holds further outcomes of the same cases, 0/1 or NaN where unknown: a model
    of several heads may learn them too, none may read them.
    """

    kind: Kind
    classes: int
    inputs: Inputs
    labels: Array
    code_book: CodeBook
    event_book: EventBook | None = None
    monotone: tuple[int, ...] = ()
    also: Array | None = None
    seed: int = 0

    def rows(self, positions: Rows) -> "Problem":
        """The same question asked of the rows at these positions."""
        return replace(
            self,
            inputs=self.inputs.rows(positions),
            labels=self.labels[positions],
            also=None if self.also is None else self.also[positions],
        )


@dataclass(frozen=True)
class Effort:
    """What a fit may use: threads, devices, seconds (None: as long as it takes); where to tell how far it is.

    A fit that is out of time ends with what it has learned by then.
    """

    threads: int = 1
    seconds: float | None = None
    progress: Progress | None = None
    device: Device = "cpu"
    lightgbm_device: str = "cpu"

    def within(self, seconds: float | None) -> "Effort":
        """The same with other seconds."""
        return replace(self, seconds=seconds)

    def tell(self, text: str) -> None:
        """Says how far the work is, where anyone listens."""
        if self.progress:
            self.progress(text)


@dataclass(frozen=True)
class Fitted:
    """The model, and the mean raw scores of the rows (positions, ascending) by models that never saw them."""

    scorer: Scorer
    held_out: Rows
    margins: Array


@dataclass(frozen=True)
class Part:
    """One model's share of a cross-fit: the rows it learns from, and those it is stopped and judged on."""

    number: int
    learn: Rows = field(repr=False)
    check: Rows = field(repr=False)

    def inside(self) -> "Part":
        """The rows it learns from dealt out anew: most to learn from, the others to be stopped on.

        A model stopped on those is judged honestly on the rows of `check`. Neighbouring rows, often of one
        entity, stay together.
        """
        stop = np.arange(len(self.learn)) // run_length(len(self.learn)) % STOPPING == 0
        return Part(self.number, self.learn[~stop], self.learn[stop])


def run_length(rows: int) -> int:
    """How many neighbouring rows stay together where rows are dealt out: many, but in a few runs a share."""
    return max(min(RUN, rows // (4 * STOPPING)), 1)


def parts(folds: Rows) -> list[Part]:
    """One part per fold and repeat of `folds`, shape (rows,) or (rows, repeats).

    Model k learns from the rows whose fold is not k and is checked on those whose fold is k; rows with fold
    -1 are learned by every model.
    """
    found: list[Part] = []
    for column in folds.reshape(len(folds), -1).T:
        for number in np.unique(column[column >= 0]):
            out = column == number
            found.append(Part(len(found), np.flatnonzero(~out), np.flatnonzero(out)))
    return found


def out_of_fold(rows: int, judged: Iterator[tuple[Rows, Array]]) -> tuple[Rows, Array]:
    """Positions (ascending) and mean raw scores of rows judged once or, over repeats, several times."""
    total: Array | None = None
    times = np.zeros(rows)
    for check, margins in judged:
        if total is None:
            total = np.zeros((rows, *margins.shape[1:]))
        total[check] += margins
        times[check] += 1
    if total is None:
        raise ValueError("no fold holds a row out")
    held_out = np.flatnonzero(times)
    return held_out, (total[held_out].T / times[held_out]).T

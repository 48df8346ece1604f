"""What the transformer reads: its layout (plain data, stored as JSON) and batches of cases as padded arrays.

No torch here: a served model reads the same arrays without it.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.events import EventBatch
from analytics.models import sentences
from analytics.models.learner import Inputs, Problem, Rows

Numbers = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """The architecture: which matrix columns are numbers, which codes, and how large everything is.

    Category column i knows the codes 0 to `sizes[i]` (the last: unseen or rare); one more stands for missing.
    `types` counts the codes of event types, 0 (unknown) among them; without events it is 0. `outputs` is the
    width of the label's head, `others` the number of further binary heads.
    """

    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    sizes: tuple[int, ...]
    types: int
    reads_text: bool
    outputs: int
    others: int
    width: int = 64
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1

    @property
    def statics(self) -> int:
        """How many static features there are, numbers first."""
        return len(self.numbers) + len(self.categories)

    @property
    def places(self) -> tuple[int, ...]:
        """The matrix column of each static token."""
        return self.numbers + self.categories

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Layout":
        lists = {name: tuple(given[name]) for name in ("numbers", "categories", "sizes")}
        return cls(**{**given, **lists})


class Arrays(NamedTuple):
    """A batch of B cases with at most E events, in the order of `Network.forward`'s arguments.

    `numbers` (B, n) float32, NaN where missing; `categories` (B, c) int64. Of each event, all (B, E): `kinds`
    int64, `values` float32 (NaN: none), `ages` and `gaps` in days float32, `texts` int64 (a row of
    `sentences`; row 0, all zeros, where there are no words), `present` bool (false: padding).
    `sentences` (distinct + 1, 384) float32.
    """

    numbers: Numbers
    categories: Codes
    kinds: Codes
    values: Numbers
    ages: Numbers
    gaps: Numbers
    texts: Codes
    present: NDArray[np.bool_]
    sentences: Numbers


def layout_of(problem: Problem) -> Layout:
    """The layout that fits a problem: smaller and more regularised where rows are few."""
    columns = [column for column in problem.code_book.columns for _ in range(column.width)]
    categories = tuple(problem.code_book.category_positions)
    rows = len(problem.inputs)
    return Layout(
        numbers=tuple(place for place in range(len(columns)) if place not in categories),
        categories=categories,
        sizes=tuple(len(columns[place].categories) for place in categories),
        types=0 if problem.event_book is None else len(problem.event_book.types) + 1,
        reads_text=problem.event_book is not None and problem.event_book.reads_text,
        outputs=problem.classes if problem.kind == "multiclass" else 1,
        others=0 if problem.also is None else problem.also.shape[1],
        width=32 if rows < 2_000 else 64,
        dropout=0.2 if rows < 20_000 else 0.1,
    )


def arrays_of(layout: Layout, inputs: Inputs) -> Arrays:
    """All the cases of `inputs` as one padded batch."""
    matrix = inputs.matrix
    numbers = matrix[:, list(layout.numbers)].astype(np.float32)
    codes, sizes = matrix[:, list(layout.categories)], np.array(layout.sizes, dtype=np.float32)
    known = np.where(np.isfinite(codes), np.clip(codes, 0, sizes), sizes + 1).astype(np.int64)
    events = inputs.events if layout.types else None
    if events is None:
        events = EventBatch.empty(len(inputs))
    longest = int(events.lengths.max(initial=0))
    place = events.offsets[:-1, None] + np.arange(longest)
    present = np.arange(longest) < events.lengths[:, None]
    place = np.where(present, place, 0)
    texts, vectors = _texts(events) if layout.reads_text else (np.zeros_like(events.kinds), _NO_WORDS)
    return Arrays(
        np.where(np.isfinite(numbers), numbers, np.float32(np.nan)),
        known,
        np.where(present, _at(np.clip(events.kinds, 0, max(layout.types - 1, 0)), place), 0),
        np.where(present, _at(events.values, place), np.float32(np.nan)),
        np.where(present, _at(events.ages, place), np.float32(0)),
        np.where(present, _at(events.gaps, place), np.float32(0)),
        np.where(present, _at(texts, place), 0),
        present,
        vectors,
    )


def batches(layout: Layout, inputs: Inputs, size: int) -> Iterator[tuple[Rows, Arrays]]:
    """Positions and arrays of all cases, those of like length together: little padding, each case once."""
    lengths = np.zeros(len(inputs)) if inputs.events is None else inputs.events.lengths
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield chosen, arrays_of(layout, inputs.rows(chosen))


_NO_WORDS = np.zeros((1, sentences.WIDTH), dtype=np.float32)


def _at(entries: NDArray[Any], place: Codes) -> NDArray[Any]:
    return entries[place] if len(entries) else np.zeros(place.shape, dtype=entries.dtype)


def _texts(events: EventBatch) -> tuple[Codes, Numbers]:
    """For each event its row of the vectors of these cases' distinct sentences; row 0 where it has none."""
    used, place = np.unique(events.texts, return_inverse=True)
    words = used[used >= 0]
    vectors = sentences.embedded([events.sentences[number] for number in words])
    shift = 1 if len(words) == len(used) else 0  # no event is without words: row 0 is nobody's
    return place.astype(np.int64) + shift, np.concatenate([_NO_WORDS, vectors])

"""What the transformer reads: its layout (plain data, stored as JSON) and batches of cases as padded arrays.

No torch here: a served model reads the same arrays without it.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.events import MOST_EVENTS, EventBatch
from analytics.models import sentences
from analytics.models.learner import Inputs, Problem, Rows

Numbers = NDArray[np.float32]
Codes = NDArray[np.int64]

PASSES = 12  # over the rows, until a network has learned what it can
SECONDS_A_TOKEN = 2e-5  # that one core takes to learn from one token once
FEWEST_EVENTS = 32


@dataclass(frozen=True)
class Layout:
    """The architecture: which matrix columns are numbers, which codes, and how large everything is.

    Category column i knows the codes 0 to `sizes[i]` (the last: unseen or rare); one more stands for missing.
    `types` counts the codes of event types, 0 (unknown) among them; without events it is 0. `outputs` is the
    width of the label's head, `others` the number of further binary heads. Of each case the newest `longest`
    events are read.
    """

    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    sizes: tuple[int, ...]
    types: int
    reads_text: bool
    outputs: int
    others: int
    longest: int = MOST_EVENTS
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


def layout_of(problem: Problem, seconds: float | None = None) -> Layout:
    """The layout that fits a problem: smaller and more regularised where rows are few.

    With `seconds` for a network, only as many of the newest events are read as one core can learn from in
    that time.
    """
    columns = [column for column in problem.code_book.columns for _ in range(column.width)]
    categories = tuple(problem.code_book.category_positions)
    rows = len(problem.inputs)
    longest = MOST_EVENTS
    if seconds is not None:
        tokens = seconds / (max(rows, 1) * PASSES * SECONDS_A_TOKEN)
        longest = int(np.clip(tokens - len(columns), FEWEST_EVENTS, MOST_EVENTS))
    return Layout(
        numbers=tuple(place for place in range(len(columns)) if place not in categories),
        categories=categories,
        sizes=tuple(len(columns[place].categories) for place in categories),
        types=0 if problem.event_book is None else len(problem.event_book.types) + 1,
        reads_text=problem.event_book is not None and problem.event_book.reads_text,
        outputs=problem.classes if problem.kind == "multiclass" else 1,
        others=0 if problem.also is None else problem.also.shape[1],
        longest=longest,
        width=32 if rows < 2_000 else 64,
        dropout=0.2 if rows < 20_000 else 0.1,
    )


def arrays_of(layout: Layout, inputs: Inputs) -> Arrays:
    """All the cases of `inputs` as one padded batch."""
    matrix = inputs.matrix
    numbers = matrix[:, list(layout.numbers)].astype(np.float32)
    codes, sizes = matrix[:, list(layout.categories)], np.array(layout.sizes, dtype=np.float32)
    known = np.where(np.isfinite(codes), np.clip(codes, 0, sizes), sizes + 1).astype(np.int64)
    events = events_read(layout, inputs)
    place, present = places_of(layout, events)
    texts, vectors = np.zeros_like(place), _NO_WORDS
    if layout.reads_text:
        texts, vectors = _texts(events, np.where(present, _at(events.texts, place), -1))
    return Arrays(
        np.where(np.isfinite(numbers), numbers, np.float32(np.nan)),
        known,
        np.where(present, _at(np.clip(events.kinds, 0, max(layout.types - 1, 0)), place), 0),
        np.where(present, _at(events.values, place), np.float32(np.nan)),
        np.where(present, _at(events.ages, place), np.float32(0)),
        np.where(present, _at(events.gaps, place), np.float32(0)),
        texts,
        present,
        vectors,
    )


def events_read(layout: Layout, inputs: Inputs) -> EventBatch:
    """The events of the cases; none where there are none or the network reads none."""
    return inputs.events if layout.types and inputs.events else EventBatch.empty(len(inputs))


def places_of(layout: Layout, events: EventBatch) -> tuple[Codes, NDArray[np.bool_]]:
    """Where in `events` the newest of each case are, oldest first, and what is no padding, both (B, E)."""
    lengths = np.minimum(events.lengths, layout.longest)
    along = np.arange(int(lengths.max(initial=0)))
    present = along < lengths[:, None]
    return np.where(present, (events.offsets[1:] - lengths)[:, None] + along, 0), present


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


def _texts(events: EventBatch, texts: Codes) -> tuple[Codes, Numbers]:
    """`texts` (B, E) as rows of the vectors of their distinct sentences; row 0 where there is none (-1)."""
    used = np.unique(texts[texts >= 0])
    vectors = sentences.embedded([events.sentences[number] for number in used])
    return np.where(texts >= 0, np.searchsorted(used, texts) + 1, 0), np.concatenate([_NO_WORDS, vectors])

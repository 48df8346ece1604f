"""What happened to each case, in order: from a table of events to the ragged arrays a sequence model reads.

Events are kept once per entity, sorted by the moment each became known. A case sees the run of its entity
that was known by its `as_of` and not a row more: the whole protection against the future, in one place.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Codes = NDArray[np.int64]

MOST_EVENTS = 128  # the newest of a case; older ones are left out
FEWEST_OF_A_TYPE = 5  # seen less often in training, a type shares the code of the unknown
COLUMNS = ("entity_id", "known_at", "event_time", "event_type", "value", "text")


@dataclass(frozen=True)
class Events:
    """The events of some cases. `table` has COLUMNS, sorted by entity and `known_at`.

    Case i sees its rows `starts[i]` to `stops[i]` (not included), as of `as_of[i]`.
    """

    table: pl.DataFrame
    starts: Codes
    stops: Codes
    as_of: pl.Series

    def __len__(self) -> int:
        return len(self.starts)

    def rows(self, positions: NDArray[np.int64]) -> "Events":
        """The events of the cases at these positions."""
        return replace(
            self,
            starts=self.starts[positions],
            stops=self.stops[positions],
            as_of=self.as_of[positions],
        )

    def part(self, start: int, length: int) -> "Events":
        """The events of a run of cases."""
        return self.rows(np.arange(start, min(start + length, len(self))))


def events_of(keys: pl.DataFrame, table: pl.DataFrame, most: int = MOST_EVENTS) -> Events:
    """What each case of `keys` (entity_id, as_of) may know of `table` (COLUMNS): the newest `most`."""
    typed = table.select(
        pl.col("entity_id").cast(pl.String),
        pl.col("known_at").cast(pl.Datetime("us")),
        pl.col("event_time").cast(pl.Datetime("us")),
        pl.col("event_type").cast(pl.String),
        pl.col("value").cast(pl.Float64),
        pl.col("text").cast(pl.String),
    ).drop_nulls(["known_at", "event_time", "event_type"])
    # Ties in time are told apart by all else, so that the same data give the same sequence.
    ordered = typed.sort("entity_id", "known_at", "event_time", "event_type", "value", "text")
    numbered = ordered.with_row_index("place")
    firsts = numbered.group_by("entity_id").agg(first=pl.col("place").min().cast(pl.Int64))
    asked = keys.select("entity_id", pl.col("as_of").cast(pl.Datetime("us"))).with_row_index("case")
    seen = (
        asked.sort("as_of")
        .join_asof(
            numbered.select("entity_id", "known_at", "place").sort("known_at", "place"),
            left_on="as_of",
            right_on="known_at",
            by="entity_id",
            strategy="backward",
            check_sortedness=False,
        )
        .join(firsts, on="entity_id", how="left")
        .sort("case")
    )
    stops = seen["place"].cast(pl.Int64).fill_null(-1).to_numpy() + 1
    starts = np.maximum(seen["first"].fill_null(0).to_numpy(), stops - most)
    starts = np.where(stops == 0, 0, starts)
    return Events(ordered, starts.astype(np.int64), stops.astype(np.int64), asked["as_of"])


@dataclass(frozen=True)
class EventBatch:
    """Events of a batch of cases, one after the other: case i has entries `offsets[i]` to `offsets[i + 1]`.

    `kinds` are codes of the book (0: unknown type); `values` are standard scores within their type, NaN
    where there is none or the type is unknown; `ages` are days before `as_of`, `gaps` days since the event
    before (0 for a case's first); `texts` are places in `sentences`, -1 where there is none.
    """

    offsets: Codes
    kinds: Codes
    values: Numbers
    ages: Numbers
    gaps: Numbers
    texts: Codes
    sentences: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def empty(cls, cases: int) -> "EventBatch":
        """Cases to whom nothing happened."""
        codes, numbers = np.zeros(0, np.int64), np.zeros(0, np.float32)
        return cls(np.zeros(cases + 1, np.int64), codes, numbers, numbers, numbers, codes)

    @property
    def lengths(self) -> Codes:
        """How many events each case has, shape (cases,)."""
        return np.diff(self.offsets)

    def rows(self, positions: NDArray[np.int64]) -> "EventBatch":
        """The events of the cases at these positions."""
        lengths = self.lengths[positions]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        taken = np.repeat(self.offsets[positions] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return EventBatch(
            offsets,
            self.kinds[taken],
            self.values[taken],
            self.ages[taken],
            self.gaps[taken],
            self.texts[taken],
            self.sentences,
        )

    def without(self, event: int) -> "EventBatch":
        """The same cases as if one event (a place in the batch) had not happened; gaps close over it."""
        case = int(np.searchsorted(self.offsets, event, side="right")) - 1
        gaps = self.gaps.copy()
        if event + 1 < self.offsets[case + 1]:
            gaps[event + 1] = 0.0 if event == self.offsets[case] else gaps[event + 1] + gaps[event]
        offsets = self.offsets.copy()
        offsets[case + 1 :] -= 1
        kept = np.arange(len(gaps)) != event
        return EventBatch(
            offsets,
            self.kinds[kept],
            self.values[kept],
            self.ages[kept],
            gaps[kept],
            self.texts[kept],
            self.sentences,
        )


@dataclass(frozen=True)
class EventBook:
    """How events are coded: type i of `types` has code i + 1, all others 0; values by mean and spread.

    Learned once from training cases, stored with the model. `reads_text`: some events carry words.
    """

    types: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    reads_text: bool = False

    def encode(self, events: Events) -> EventBatch:
        """The events of the cases as arrays."""
        lengths = events.stops - events.starts
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        taken = np.repeat(events.starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        case = np.repeat(np.arange(len(events)), lengths)
        rows = events.table[taken].with_columns(as_of=events.as_of.gather(case))
        code = pl.col("event_type").replace_strict(
            list(self.types), list(range(1, len(self.types) + 1)), default=0, return_dtype=pl.Int64
        )
        day = pl.duration(days=1)
        frame = rows.select(
            kind=code,
            value=pl.when(pl.col("value").is_finite()).then(pl.col("value")),
            age=(pl.col("as_of") - pl.col("event_time")) / day,
            gap=((pl.col("event_time") - pl.col("event_time").shift(1)) / day).fill_null(0.0),
            text=pl.when(pl.col("text").str.strip_chars() != "").then(pl.col("text")),
        )
        kinds = frame["kind"].to_numpy()
        means, spreads = np.array([np.nan, *self.means]), np.array([1.0, *self.spreads])
        values = (frame["value"].fill_null(np.nan).to_numpy() - means[kinds]) / spreads[kinds]
        gaps = frame["gap"].to_numpy().copy()
        gaps[offsets[:-1][lengths > 0]] = 0.0
        sentences, texts = _numbered(frame["text"]) if self.reads_text else ((), np.full(len(kinds), -1))
        return EventBatch(
            offsets,
            kinds,
            np.clip(values, -10, 10).astype(np.float32),
            frame["age"].to_numpy().astype(np.float32),
            gaps.astype(np.float32),
            texts,
            sentences,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "EventBook":
        return cls(tuple(given["types"]), tuple(given["means"]), tuple(given["spreads"]), given["reads_text"])


def learn_event_book(events: Events) -> EventBook:
    """The book of the events that the training cases see."""
    ends = events.table.height + 1
    open_runs = np.bincount(events.starts, minlength=ends) - np.bincount(events.stops, minlength=ends)
    table = events.table.filter(np.cumsum(open_runs)[:-1] > 0)
    finite = pl.col("value").filter(pl.col("value").is_finite())
    types = (
        table.group_by("event_type")
        .agg(pl.len().alias("count"), finite.mean().alias("mean"), finite.std().alias("spread"))
        .filter(pl.col("count") >= FEWEST_OF_A_TYPE)
        .sort("event_type")
    )
    mean, spread = pl.col("mean"), pl.col("spread")
    scaled = types.with_columns(
        pl.when(mean.is_finite()).then(mean).otherwise(0.0).alias("mean"),
        pl.when((spread > 0) & spread.is_finite()).then(spread).otherwise(1.0).alias("spread"),
    )
    words = table.filter(pl.col("text").str.strip_chars().fill_null("") != "").height > 0
    return EventBook(
        tuple(scaled["event_type"].to_list()),
        tuple(scaled["mean"].to_list()),
        tuple(scaled["spread"].to_list()),
        words,
    )


def _numbered(texts: pl.Series) -> tuple[tuple[str, ...], Codes]:
    distinct = texts.drop_nulls().unique().sort()
    places = (
        texts.replace_strict(
            distinct, pl.int_range(len(distinct), eager=True), default=-1, return_dtype=pl.Int64
        )
        if len(distinct)
        else pl.repeat(-1, len(texts), dtype=pl.Int64, eager=True)
    )
    return tuple(distinct.to_list()), places.fill_null(-1).to_numpy()

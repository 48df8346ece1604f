"""The contract that everything hangs on: what is predicted, for whom, as of when. It is data, not code."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["binary", "multiclass", "regression"]
Words = dict[str, str]  # language code -> text, always with "en" and "zh"


@dataclass(frozen=True)
class Feature:
    """How one feature is spoken of and what a model may do with it.

    `unit` is 1 for shares and ratios, which people read in percent. `monotone` is +1 where the score must not
    fall as the feature rises, -1 the other way, 0 free.
    `actionable` marks what a person can change, `change` the only direction in which that is allowed or makes
    sense (0: both); `protected` what must not drive decisions unseen.
    """

    label: Words
    unit: str = ""
    monotone: Literal[-1, 0, 1] = 0
    actionable: bool = False
    change: Literal[-1, 0, 1] = 0
    protected: bool = False


@dataclass(frozen=True)
class Band:
    """A decision band: scores below `upper` (and not below the band before) belong to it."""

    name: str
    upper: float
    label: Words


@dataclass(frozen=True)
class Meaning:
    """The prediction in people's words: the entity, the predicted event or value, its unit and horizon."""

    title: Words
    entity: Words
    positive: Words
    unit: str = ""
    horizon_days: int = 0


@dataclass(frozen=True)
class Costs:
    """What a wrong decision costs, in any one unit: letting an event pass unseen, acting where none comes."""

    miss: float
    false_alarm: float


@dataclass(frozen=True)
class Exposure:
    """What is at stake in a case: expected loss = probability x share x `feature` (PD x LGD x EAD)."""

    feature: str  # exposure at default, in `unit`
    share: float  # loss given default, 0 to 1
    unit: str


@dataclass(frozen=True)
class Lever:
    """What a scenario moves as one: features that rise and fall together, by one share or one step."""

    name: str
    label: Words
    features: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class Derived:
    """A feature that is computed from others, and so moves when they do.

    `formula` is a SQL expression over features for that part of it which they make: the feature is scaled by
    what the formula gives after over before (`ratio`), or gets the difference added (`difference`).
    """

    formula: str
    how: Literal["ratio", "difference"] = "ratio"


@dataclass(frozen=True)
class Shock:
    """By how much a lever (or a single feature) moves: by a share of it (-0.1 is 10 % less) or by a step."""

    lever: str
    how: Literal["share", "step"]
    amount: float


@dataclass(frozen=True)
class Scenario:
    """Shocks that happen together, under a name."""

    name: str
    label: Words
    shocks: tuple[Shock, ...]


@dataclass(frozen=True)
class Stress:
    """How the cases of a task are put under stress: what moves together, what follows, what to try.

    Numeric features that no lever holds are levers of their own.
    """

    levers: tuple[Lever, ...] = ()
    derived: dict[str, Derived] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()


@dataclass(frozen=True)
class Flat:
    """How the rows of one ingested table are cases: what is predicted, whom a row is about, as of when.

    Without `entity` every row is a case of its own, without `time` the rows have no order in time. Columns in
    `drop` are never features; columns in `keep` are, even where they look like identifiers.
    """

    target: str
    entity: str = ""
    time: str = ""
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """What is predicted for whom, as of when.

    `population` is SQL yielding `entity_id, as_of, label`: every case whose outcome is settled.
    `candidates` is SQL yielding `entity_id, as_of`: whom to score on the day `$as_of`.
    `features` is SQL over the relation `population(entity_id, as_of)` yielding one row per pair, computed
    only from records with `known_at <= as_of`, and none for an entity that was not known by then. A flat
    task (one ingested table) gives `table` and `flat` instead of the three, and `analytics.flat` makes cases
    of its rows.
    `last_day` is SQL for the last complete day in the data: the default `as_of` of scoring.
    `events` is SQL over the same relation `population` yielding `entity_id, known_at, event_time, event_type,
    value, text`: what happened to each entity, in order; a case sees what has `known_at <= as_of`.
    `event_info` says what each event type is called. Columns `also_<name>` of `population` are further
    outcomes (0/1, null where unknown) that a model of several heads learns beside the label.
    `costs` set the threshold of a decision, `exposure` the expected loss, `stress` what scenarios move.
    Cases that share a fate (the stops of a trip) have entity_ids that begin alike: what stands before
    `shared_before` is common to them, and they are learned from, calibrated on and drawn together.
    `entity_of` names what an entity_id is: a column, as `domain.table.column`, or several of one table whose
    values `shared_before` joins. Whoever may see only some rows of that table sees the predictions of those.
    """

    name: str
    kind: Kind
    meaning: Meaning
    population: str
    features: str
    candidates: str
    last_day: str
    bands: tuple[Band, ...] = ()
    feature_info: dict[str, Feature] = field(default_factory=dict)
    table: str = ""
    classes: tuple[str, ...] = ()  # binary: negative, positive
    flat: Flat | None = None
    events: str = ""
    event_info: dict[str, Feature] = field(default_factory=dict)
    costs: Costs | None = None
    exposure: Exposure | None = None
    stress: Stress = Stress()
    shared_before: str = ""
    entity_of: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def predictions_table(self) -> str:
        """`predictions.<task>`, with the dot of the name made an underscore."""
        return "predictions." + self.name.replace(".", "_")

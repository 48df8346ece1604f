"""Value sets: which codes of which code systems mean a condition or a kind of medicine."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from connectors.errors import UsageError, did_you_mean
from pipelines.medical.contracts import ATC, ICD_10, ICD_10_CM, RXNORM, SNOMED
from pipelines.queries import literal

SYSTEMS: dict[str, tuple[str, ...]] = {
    "snomed": (SNOMED,),
    "icd_10": (ICD_10, ICD_10_CM),
    "atc": (ATC,),
    "rxnorm": (RXNORM,),
}


@dataclass(frozen=True)
class Code:
    """A code of a code system; with `prefix`, every code that begins with it."""

    system: str
    code: str
    prefix: bool

    def matches(self, system: str, code: str) -> bool:
        """Whether the coded value `system|code` is meant."""
        return system == self.system and (code.startswith(self.code) if self.prefix else code == self.code)


@dataclass(frozen=True)
class ValueSet:
    """A named set of codes with its words."""

    name: str
    label: dict[str, str]
    codes: tuple[Code, ...]

    def contains(self, system: str, code: str) -> bool:
        """Whether the coded value `system|code` belongs to the set."""
        return any(member.matches(system, code) for member in self.codes)


@cache
def value_sets() -> dict[str, ValueSet]:
    """All value sets of `value_sets.toml` by name."""
    text = resources.files("pipelines.medical").joinpath("value_sets.toml").read_text("utf-8")
    return {name: _value_set(name, entry) for name, entry in tomllib.loads(text).items()}


def value_set(name: str) -> ValueSet:
    """The value set called `name`; raises UsageError with a suggestion if there is none."""
    known = value_sets()
    if name not in known:
        raise UsageError(f"There is no value set «{name}».", did_you_mean(name, known))
    return known[name]


def value_sets_sql() -> str:
    """A SELECT of every member of every set: `name, code_system, code, is_prefix`."""
    rows = ",\n    ".join(
        f"({literal(name)}, {literal(member.system)}, {literal(member.code)}, {member.prefix})"
        for name, each in value_sets().items()
        for member in each.codes
    )
    return f"SELECT * FROM (VALUES\n    {rows}\n) AS members(name, code_system, code, is_prefix)"


def _value_set(name: str, entry: dict[str, object]) -> ValueSet:
    label = entry["label"]
    assert isinstance(label, dict)  # noqa: S101 - a shipped file, checked by its test
    codes = tuple(
        Code(system, code.removesuffix("*"), code.endswith("*"))
        for key, addresses in SYSTEMS.items()
        for code in _codes(entry.get(key))
        for system in addresses
    )
    return ValueSet(name, label, codes)


def _codes(entry: object) -> list[str]:
    return [str(code) for code in entry] if isinstance(entry, list) else []

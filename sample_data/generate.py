"""Makes the sample data: `python -m sample_data.generate [--scale N] [--seed 7] [--output DIR]`.

Each part of an organisation draws from a generator of its own, derived from the seed, so that changing one
leaves the others as they were. Same seed and scale, same bytes.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.arrears import arrears
from sample_data.bank import bank
from sample_data.bank_files import write_bank
from sample_data.carrier import carrier
from sample_data.carrier_files import write_carrier
from sample_data.clinic import clinic
from sample_data.clinic_files import write_clinic
from sample_data.files import Dirt, write_parquet
from sample_data.fleet import fleet
from sample_data.fleet_files import write_fleet
from sample_data.market import market
from sample_data.market_files import write_arrears, write_market
from sample_data.rounds import rounds
from sample_data.rounds_files import write_rounds
from sample_data.storeroom import storeroom
from sample_data.storeroom_files import write_storeroom
from sample_data.world import Organisation

SEED = 7
Tables = Mapping[str, pl.DataFrame]
Maker = Callable[[np.random.Generator, float, Tables], Organisation]  # sees the tables of the parts before
Writer = Callable[[dict[str, pl.DataFrame], Path, np.random.Generator, Dirt], None]
Part = tuple[str, Maker, Writer]


def _alone(make: Callable[[np.random.Generator, float], Organisation]) -> Maker:
    """A maker that needs no tables of others."""
    return lambda rng, scale, _: make(rng, scale)


DOMAINS: dict[str, tuple[Part, ...]] = {  # each part draws from the generator that is called so
    "finance": (
        ("finance", _alone(bank), write_bank),
        ("arrears", arrears, write_arrears),
        ("market", _alone(market), write_market),
    ),
    "medical": (("medical", _alone(clinic), write_clinic),),
    "logistics": (
        ("logistics", _alone(carrier), write_carrier),
        ("fleet", _alone(fleet), write_fleet),
        ("rounds", rounds, write_rounds),
        ("storeroom", _alone(storeroom), write_storeroom),
    ),
}


def organisation(domain: str, seed: int = SEED, scale: float = 1.0) -> Organisation:
    """The clean tables of one domain and the truth of its tasks."""
    made = Organisation({}, {})
    for name, make, _ in DOMAINS[domain]:
        part = make(_generator(name, seed, "life"), scale, made.tables)
        made = Organisation(made.tables | part.tables, made.truths | part.truths)
    return made


def generate(output: Path, seed: int = SEED, scale: float = 1.0) -> Dirt:
    """Writes every file below `output` and returns what dirt was planted."""
    dirt = Dirt()
    truths = output / "truth"
    truths.mkdir(parents=True, exist_ok=True)
    for domain, parts in DOMAINS.items():
        made = organisation(domain, seed, scale)
        for name, _, write in parts:
            write(made.tables, output / domain, _generator(name, seed, "files"), dirt)
        for task, truth in made.truths.items():
            _write_truth(truth, truths / f"{task}.parquet")
    (truths / "dirt.json").write_text(json.dumps(dirt.as_json(), indent=2) + "\n", encoding="utf-8")
    return dirt


def _generator(part: str, seed: int, purpose: str) -> np.random.Generator:
    words = [*f"{part}/{purpose}".encode()]
    return np.random.default_rng([seed, *words])


def _write_truth(truth: pl.DataFrame, path: Path) -> None:
    """More decimals than any test can tell would compress badly: four of a probability, one of a quantity."""
    numbers = [name for name, kind in truth.schema.items() if kind == pl.Float32]
    rounded = truth.with_columns(
        pl.col(name).cast(pl.Float64).round(4 if name == "probability" else 1).cast(pl.Float32)
        for name in numbers
    )
    texts = [name for name, kind in truth.schema.items() if kind == pl.String]
    times = [name for name, kind in truth.schema.items() if kind.is_temporal()]
    encodings = dict.fromkeys(texts, "DELTA_BYTE_ARRAY") | dict.fromkeys(times, "DELTA_BINARY_PACKED")
    write_parquet(rounded, path, repeated=numbers, encodings=encodings)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.generate", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is what the repository holds")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    if given.scale <= 0:
        parser.error("--scale must be greater than 0")
    generate(given.output, given.seed, given.scale)


if __name__ == "__main__":
    main()

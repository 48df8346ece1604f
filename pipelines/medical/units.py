"""Units of clinical measurements: one canonical UCUM unit per LOINC code, and how to get there.

`canonical = value * factor + offset`. Factors follow molar masses (glucose 180.156 g/mol, cholesterol
386.65 g/mol, triglycerides as triolein 885.43 g/mol, creatinine 113.12 g/mol); HbA1c is converted with the
IFCC-NGSP master equation, NGSP % = 0.09148 * IFCC mmol/mol + 2.152 (Weykamp et al., Clin Chem 2008).
Each quantity also states what a living patient can show, in the canonical unit: a value outside is a slip
of the keyboard or of the unit.
"""

from dataclasses import dataclass
from functools import cache

import polars as pl


@dataclass(frozen=True)
class Quantity:
    """One measured quantity.

    `units` maps each accepted UCUM unit to `(factor, offset)` towards `canonical`.
    """

    name: str
    loinc: tuple[str, ...]
    canonical: str
    units: dict[str, tuple[float, float]]
    lowest: float
    highest: float


_SAME = (1.0, 0.0)
_IFCC_SLOPE, _IFCC_INTERCEPT = 0.09148, 2.152

QUANTITIES: tuple[Quantity, ...] = (
    Quantity(
        "glucose",
        ("2339-0", "2345-7", "1558-6", "15074-8", "14749-6", "14771-0"),
        "mmol/L",
        {"mmol/L": _SAME, "mg/dL": (10 / 180.156, 0.0), "g/L": (1000 / 180.156, 0.0)},
        0.5,
        60.0,
    ),
    Quantity(
        "hba1c",
        ("4548-4", "17856-6", "59261-8"),
        "%",
        {"%": _SAME, "mmol/mol": (_IFCC_SLOPE, _IFCC_INTERCEPT)},
        2.5,
        20.0,
    ),
    Quantity(
        "cholesterol",
        ("2093-3", "14647-2", "2085-9", "14646-4", "18262-6", "13457-7", "2089-1"),
        "mmol/L",
        {"mmol/L": _SAME, "mg/dL": (10 / 386.65, 0.0)},
        0.1,
        30.0,
    ),
    Quantity(
        "triglycerides",
        ("2571-8", "14927-8"),
        "mmol/L",
        {"mmol/L": _SAME, "mg/dL": (10 / 885.43, 0.0)},
        0.1,
        80.0,
    ),
    Quantity(
        "creatinine",
        ("2160-0", "38483-4", "14682-9"),
        "umol/L",
        {"umol/L": _SAME, "mg/dL": (10_000 / 113.12, 0.0), "mmol/L": (1000.0, 0.0)},
        5.0,
        3000.0,
    ),
    Quantity(
        "body weight",
        ("29463-7", "3141-9"),
        "kg",
        {"kg": _SAME, "g": (0.001, 0.0), "[lb_av]": (0.45359237, 0.0)},
        0.2,
        650.0,
    ),
    Quantity(
        "body height",
        ("8302-2", "3137-7"),
        "cm",
        {"cm": _SAME, "m": (100.0, 0.0), "[in_i]": (2.54, 0.0)},
        20.0,
        280.0,
    ),
    Quantity("body mass index", ("39156-5",), "kg/m2", {"kg/m2": _SAME}, 5.0, 150.0),
    Quantity(
        "body temperature",
        ("8310-5", "8331-1"),
        "Cel",
        {"Cel": _SAME, "[degF]": (5 / 9, -160 / 9), "K": (1.0, -273.15)},
        20.0,
        46.0,
    ),
    Quantity(
        "blood pressure",
        ("8480-6", "8462-4"),
        "mm[Hg]",
        {"mm[Hg]": _SAME, "kPa": (7.500616827, 0.0)},
        10.0,
        350.0,
    ),
    Quantity("heart rate", ("8867-4",), "/min", {"/min": _SAME, "{beats}/min": _SAME}, 10.0, 350.0),
)


@cache
def _conversions() -> pl.DataFrame:
    """One row per (LOINC code, unit): `code, unit, factor, offset`."""
    rows = [
        (code, unit, factor, offset)
        for quantity in QUANTITIES
        for code in quantity.loinc
        for unit, (factor, offset) in quantity.units.items()
    ]
    return pl.DataFrame(rows, schema=["code", "unit", "_factor", "_offset"], orient="row")


@cache
def _limits() -> pl.DataFrame:
    """One row per LOINC code: `code, canonical, lowest, highest`."""
    rows = [
        (code, quantity.canonical, quantity.lowest, quantity.highest)
        for quantity in QUANTITIES
        for code in quantity.loinc
    ]
    return pl.DataFrame(rows, schema=["code", "_canonical", "_lowest", "_highest"], orient="row")


def to_canonical(observations: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Observations with every value of a known LOINC code in its canonical unit.

    Needs the columns `_row`, `code`, `value` and `unit`; other columns and the order of rows stay. Returns
    `(observations, problems)`; a problem is `_row, rule, reason, column`: a unit that is unknown or missing
    for a known code, or a converted value no patient can show. Values of other codes are left alone.
    """
    joined = observations.join(_limits(), on="code", how="left", maintain_order="left").join(
        _conversions(), on=["code", "unit"], how="left", maintain_order="left"
    )
    measured = pl.col("_canonical").is_not_null() & pl.col("value").is_not_null()
    canonical = pl.col("value") * pl.col("_factor") + pl.col("_offset")
    unknown_unit = measured & pl.col("_factor").is_null()
    impossible = measured & ~canonical.is_between(pl.col("_lowest"), pl.col("_highest"))
    problems = pl.concat(
        [
            joined.filter(unknown_unit).select(
                "_row",
                rule=pl.lit("unit"),
                reason=pl.format(
                    "unit «{}» is not known for code {}", pl.col("unit").fill_null("(none)"), pl.col("code")
                ),
                column=pl.lit("unit"),
            ),
            joined.filter(impossible).select(
                "_row",
                rule=pl.lit("range"),
                reason=pl.format(
                    "the value of code {} is outside {} to {} {}",
                    pl.col("code"),
                    pl.col("_lowest"),
                    pl.col("_highest"),
                    pl.col("_canonical"),
                ),
                column=pl.lit("value"),
            ),
        ]
    )
    converted = joined.with_columns(
        value=pl.when(measured).then(canonical).otherwise(pl.col("value")),
        unit=pl.when(measured).then(pl.col("_canonical")).otherwise(pl.col("unit")),
    )
    return converted.select(observations.columns), problems

"""What the three sample organisations share: the calendar, names, places and small random helpers.

Everything comes from one seeded generator and fixed dates, so the same seed makes the same data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

END = date(2026, 10, 31)  # the newest records; the day may still be filling, so the day before is complete
EPOCH = date(1970, 1, 1)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.str_]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Organisation:
    """The clean tables of one domain (by bare table name) and, by task, the true probabilities."""

    tables: dict[str, pl.DataFrame]
    truths: dict[str, pl.DataFrame]


def sigmoid(logit: Floats) -> Floats:
    """The probability of a logit."""
    return 1.0 / (1.0 + np.exp(-logit))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def dates(days: NDArray[np.generic]) -> pl.Series:
    """Day numbers as dates."""
    return pl.Series(np.asarray(days, dtype=np.int32)).cast(pl.Date)


def timestamps(seconds: NDArray[np.generic]) -> pl.Series:
    """Seconds since 1970-01-01 as timestamps (UTC, no zone)."""
    return (pl.Series(np.asarray(seconds, dtype=np.int64)) * 1_000_000).cast(pl.Datetime("us"))


def identifiers(prefix: str, count: int, width: int, start: int = 1) -> pl.Series:
    """`count` running identifiers such as C000001."""
    return pl.Series(
        [f"{prefix}{number:0{width}d}" for number in range(start, start + count)], dtype=pl.String
    )


def pick(
    rng: np.random.Generator, choices: Sequence[str], count: int, weights: Sequence[float] | None = None
) -> Texts:
    """`count` independent choices; `weights` need not sum to one."""
    share = None if weights is None else np.asarray(weights) / np.sum(weights)
    return np.asarray(choices)[rng.choice(len(choices), count, p=share)]


def pick_by(rng: np.random.Generator, choices: Sequence[str], logits: Floats) -> Texts:
    """One choice per row of `logits` (rows x choices), by the Gumbel trick."""
    chosen: Texts = np.asarray(choices)[np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)]
    return chosen


# Given name, family name: people of a port city with many tongues.
FAMILY_NAMES = (
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 高 梁 郑 谢 宋 唐 "
    "Müller Schmidt Novák Horváth Kovács Nowak Rossi Dubois Janssen García Silva Andersen Smith O'Brien Ryan"
)
FEMALE_NAMES = "芳 娜 敏 静 秀英 丽 艳 霞 桂英 玉兰 Anna Eva Lucía Zoé Katarína Ingrid Sofia Mary Grace Chloë"
MALE_NAMES = "伟 强 磊 洋 勇 军 杰 涛 明 志强 Jan Péter Luca Hugo José Lars Pavel John Seán Jürgen"
# City, country, latitude, longitude.
CITIES: tuple[tuple[str, str, float, float], ...] = (
    ("Hamburg", "DE", 53.55, 9.99),
    ("München", "DE", 48.14, 11.58),
    ("Köln", "DE", 50.94, 6.96),
    ("Leipzig", "DE", 51.34, 12.37),
    ("Wien", "AT", 48.21, 16.37),
    ("Zürich", "CH", 47.37, 8.54),
    ("Praha", "CZ", 50.08, 14.44),
    ("Brno", "CZ", 49.20, 16.61),
    ("Bratislava", "SK", 48.15, 17.11),
    ("Budapest", "HU", 47.50, 19.04),
    ("Kraków", "PL", 50.06, 19.94),
    ("Wrocław", "PL", 51.11, 17.03),
    ("Milano", "IT", 45.46, 9.19),
    ("Torino", "IT", 45.07, 7.69),
    ("Lyon", "FR", 45.76, 4.84),
    ("Lille", "FR", 50.63, 3.06),
    ("Antwerpen", "BE", 51.22, 4.40),
    ("Rotterdam", "NL", 51.92, 4.48),
    ("Eindhoven", "NL", 51.44, 5.47),
    ("København", "DK", 55.68, 12.57),
)


def full_names(rng: np.random.Generator, genders: Texts) -> list[tuple[str, str]]:
    """(family, given) for each gender; Chinese families give Chinese names."""
    families, female, male = FAMILY_NAMES.split(), FEMALE_NAMES.split(), MALE_NAMES.split()
    family = rng.integers(0, len(families), len(genders))
    given = rng.integers(0, 10, len(genders)) + np.where(family < 25, 0, 10)
    return [
        (families[first], (female if gender == "female" else male)[second])
        for first, second, gender in zip(family, given, genders, strict=True)
    ]


def spoken(family: str, given: str) -> str:
    """A full name in the order of its language."""
    return family + given if ord(family[0]) > 0x3000 else f"{given} {family}"

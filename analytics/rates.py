"""Shares of cases with their 95 % interval, as columns."""

import polars as pl

_SURE = 1.96  # standard errors of a 95 % interval


def wilson_bounds(share: pl.Expr, cases: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Both bounds of a share seen in so many cases, after Wilson (1927): right for few and near 0 and 1."""
    n, z = cases.cast(pl.Float64), _SURE
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    return centre - half, centre + half

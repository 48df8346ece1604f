"""The peers of `predictions.py`: each learns 0/1 outcomes from a frame and gives probabilities for another.

Every peer gets the same columns, and categories in the form it handles best itself: CatBoost as text,
LightGBM, XGBoost and HistGradientBoosting as codes declared categorical, FLAML as a pandas category, logistic
regression one-hot. Defaults are left alone but for threads, the seed and, for FLAML, the time and the metric.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM loads, as in models.boosting

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_CODES = 250  # HistGradientBoosting takes 255 categories; its columns of more are read as numbers
SEED = 1


@dataclass(frozen=True)
class Given:
    """What one fit may use: learning rows, their outcomes, the rows to score, seconds, threads.

    Numbers are Float64 with null for missing, categories String with null for missing.
    """

    learn: pl.DataFrame
    labels: Array
    test: pl.DataFrame
    seconds: float
    threads: int

    @property
    def categories(self) -> list[str]:
        return self.learn.select(cs.string()).columns

    def coded(self) -> tuple[NDArray[np.float32], NDArray[np.float32], list[int]]:
        """Both matrices with codes of the categories seen in learning (NaN: missing or unseen), and which."""
        learn, test = self.learn, self.test
        for name in self.categories:
            codes = pl.Enum(learn[name].drop_nulls().unique().sort())
            learn, test = (
                frame.with_columns(pl.col(name).cast(codes, strict=False).to_physical().cast(pl.Float64))
                for frame in (learn, test)
            )
        places = [learn.columns.index(name) for name in self.categories]
        return (
            learn.to_numpy().astype(np.float32),
            test.to_numpy().astype(np.float32),
            places,
        )


Peer = Callable[[Given], Array]


def prepared(features: pl.DataFrame) -> pl.DataFrame:
    """Features as peers read them: finite numbers, text, and dates as year, month, weekday and day number."""
    columns: list[pl.Expr] = []
    for name, dtype in features.schema.items():
        value = pl.col(name)
        if dtype in (pl.Date, pl.Datetime):
            moment = value.cast(pl.Datetime("us"))
            parts = {"year": moment.dt.year(), "month": moment.dt.month(), "weekday": moment.dt.weekday()}
            parts["day"] = moment.dt.timestamp() / 86_400e6
            columns += [part.cast(pl.Float64).alias(f"{name} ({what})") for what, part in parts.items()]
        elif dtype in (pl.String, pl.Categorical, pl.Enum):
            columns.append(value.cast(pl.String).replace("", None))
        elif dtype == pl.Boolean or dtype.is_numeric():
            number = value.cast(pl.Float64)
            columns.append(pl.when(number.is_finite()).then(number).alias(name))
        elif dtype in (pl.Duration, pl.Time):
            columns.append(value.cast(pl.Int64).cast(pl.Float64))
    return features.select(columns)


def logistic(given: Given) -> Array:
    """Median imputation, standard scores, one-hot categories (rare ones together), then the defaults."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    learn, test, places = given.coded()
    numbers = [place for place in range(learn.shape[1]) if place not in places]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5), places),
    )
    fitted = make_pipeline(columns, LogisticRegression(max_iter=1_000)).fit(learn, given.labels)
    return _positive(fitted.predict_proba(test))


def lightgbm(given: Given) -> Array:
    from lightgbm import LGBMClassifier

    learn, test, places = given.coded()
    model = LGBMClassifier(n_jobs=given.threads, random_state=SEED, verbosity=-1)
    model.fit(learn, given.labels, categorical_feature=places or "auto")
    return _positive(model.predict_proba(test))


def xgboost(given: Given) -> Array:
    from xgboost import XGBClassifier

    learn, test, places = given.coded()
    kinds = ["c" if place in places else "q" for place in range(learn.shape[1])]
    model = XGBClassifier(
        n_jobs=given.threads, random_state=SEED, feature_types=kinds, enable_categorical=bool(places)
    )
    return _positive(model.fit(learn, given.labels).predict_proba(test))


def catboost(given: Given) -> Array:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        thread_count=given.threads,
        random_seed=SEED,
        verbose=False,
        allow_writing_files=False,
        cat_features=given.categories,
    )
    texts = cs.string().fill_null("")
    model.fit(given.learn.with_columns(texts).to_pandas(), given.labels)
    return _positive(model.predict_proba(given.test.with_columns(texts).to_pandas()))


def hist_gradient_boosting(given: Given) -> Array:
    """It has no argument for threads: they are limited from outside."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    learn, test, places = given.coded()
    few = [place for place in places if np.nanmax(learn[:, place], initial=0) < MOST_CODES]
    with threadpool_limits(given.threads):
        model = HistGradientBoostingClassifier(categorical_features=few or None, random_state=SEED)
        return _positive(model.fit(learn, given.labels).predict_proba(test))


def flaml(given: Given) -> Array:
    """The whole time, on log loss; it chooses its own validation."""
    from flaml import AutoML

    kinds = dict.fromkeys(given.categories, "category")
    learn, test = (frame.to_pandas().astype(kinds) for frame in (given.learn, given.test))
    search = AutoML()
    search.fit(
        learn,
        given.labels,
        task="classification",
        metric="log_loss",
        time_budget=given.seconds,
        n_jobs=given.threads,
        seed=SEED,
        verbose=0,
        log_file_name="",
    )
    return _positive(search.predict_proba(test))


PEERS: dict[str, Peer] = {
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    "catboost": catboost,
    "hist_gradient_boosting": hist_gradient_boosting,
    "logistic": logistic,
    "flaml": flaml,
}


def _positive(probabilities: Any) -> Array:
    return np.asarray(probabilities, dtype=float)[:, 1]

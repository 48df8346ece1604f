"""Problems whose truth is known, for tests of models and of the choice among them."""

import numpy as np

from analytics.calibration import sigmoid
from analytics.matrix import CodeBook, CodedColumn
from analytics.models.learner import Inputs, Problem
from analytics.task import Kind


def numbers(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def book(columns: int) -> CodeBook:
    return CodeBook(tuple(CodedColumn(f"x{place}", "number") for place in range(columns)))


def binary(matrix: np.ndarray, margins: np.ndarray, seed: int = 1) -> Problem:
    """0/1 labels drawn with the probabilities that the margins (log-odds) say."""
    drawn = np.random.default_rng(seed).random(len(margins))
    return of(matrix, (drawn < sigmoid(margins)).astype(float))


def of(matrix: np.ndarray, labels: np.ndarray, kind: Kind = "binary", classes: int = 2) -> Problem:
    return Problem(kind, classes, Inputs(matrix), labels, book(matrix.shape[1]), seed=3)


def folds(rows: int) -> np.ndarray:
    return np.arange(rows) % 5

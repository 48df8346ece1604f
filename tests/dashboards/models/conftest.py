"""A version with all its figures, to be told of in a language."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.catalog import shipped_tasks
from dashboards.models.subject import Subject
from tests.dashboards import model_document as document

TASK = shipped_tasks()["finance.credit_default"]
TRAINED = datetime(2026, 11, 1, 12, tzinfo=UTC)
Tell = Callable[..., Subject]


@pytest.fixture
def tell() -> Tell:
    """`tell(language, figures)`: a version with these figures (default: all) and a check that moved."""

    def of(language: str = "en", figures: dict[str, Any] | None = None, *, checked: bool = True) -> Subject:
        version = document.version(TASK.name, figures, created_at=TRAINED)
        check = document.check(TASK.name, at=TRAINED) if checked else None
        card = {"features": list(TASK.feature_info), "libraries": {"lightgbm": "4.7.0"}, "seed": 7}
        return Subject(TASK, version, language, "UTC", check, card)

    return of

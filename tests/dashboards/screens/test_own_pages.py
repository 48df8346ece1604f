"""Tasks that people made get a page each: several classes and values as well as yes or no."""

import random

import pytest

from analytics.scoring import score
from analytics.task import Flat
from analytics.training import train
from dashboards import own_table
from pipelines.settings import Settings, load_settings
from tests.dashboards.screens.conftest import Visit, words_of


def _orders(rows: int = 200) -> bytes:
    dice = random.Random(3)
    lines = ["order,weight.kg,lane,grade,minutes"]
    for number in range(rows):
        weight, lane = dice.uniform(1, 30), dice.choice("NSE")
        grade = "heavy" if weight > 20 else "middling" if weight > 9 else "light"
        lines.append(f"O{number:03d},{weight:.1f},{lane},{grade},{30 + 4 * weight + dice.gauss(0, 3):.2f}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("target", "page_says", "case_says"),
    [("grade", "Cases by band", "Most likely: **"), ("minutes", "Distribution of scores", "Expected: **")],
)
def test_own_tasks_have_a_page_and_cases(
    home: Settings, visit: Visit, target: str, page_says: str, case_says: str
) -> None:
    path = own_table.keep_upload(home, "orders.csv", _orders())
    own_table.load(home, path, own_table.inferred(path, *own_table.sample(path)))
    proposal = own_table.propose(load_settings(), path, Flat(target, entity="order"))
    name, settings = own_table.declare(load_settings(), proposal)
    task = own_table.task_of(settings, name)
    train(settings, task)
    score(settings, task)

    page = name.replace(".", "-")
    overview, case = visit(page), visit(page, case="O010")

    assert not overview.error
    assert page_says in words_of(overview)
    assert overview.dataframe[-1].value.shape[0] == 20
    assert not case.error
    assert case_says in words_of(case)
    assert "Why this score" in words_of(case)
    similar, tried = (visit(page, case="O010", look=look) for look in ("similar", "if"))
    assert not similar.error
    assert not tried.error
    assert "most similar past cases" in words_of(similar)
    assert "Nothing was moved yet." in words_of(tried)

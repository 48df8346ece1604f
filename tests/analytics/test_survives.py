"""A training that is killed leaves the model in service serving; the next one is right."""

import signal
import subprocess
import sys

import pytest

from analytics import registry
from analytics.catalog import task_named
from analytics.flat import Flat, propose_task
from analytics.scoring import score
from analytics.training import train
from pipelines.declare import add_task
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import patients

KILLED = """
import os, signal, analytics.registry as registry, analytics.scoring
from pipelines.warehouse import Warehouse
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
{owner}.{name} = die
from analytics.catalog import task_named
from analytics.scoring import score
from analytics.training import train
from pipelines.settings import load_settings
settings = load_settings()
task = task_named("clinic.ill", settings)
{call}(settings, task)
"""


@pytest.fixture
def task(home, ingested):
    ingested("clinic.patients", patients(600).drop("truth"))
    entry = propose_task(home, "clinic.ill", "clinic.patients", Flat("ill", entity="patient no")).entry
    add_task(home.config, "clinic.ill", entry)
    return task_named("clinic.ill", load_settings())


def killed(call, owner, name):
    code = KILLED.format(call=call, owner=owner, name=name)
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["_flush", "enter"])
def test_kill_9_while_a_version_is_saved(home, task, name):
    first = train(home, task).model_version
    killed("train", "registry", name)
    assert registry.in_service(home, task).version == first
    assert [row.version for row in registry.history(home, task)] == [first]
    train(home, task)
    score(home, task)
    assert len(registry.history(home, task)) == 2
    assert not list((home.home / "models" / task.name).glob("*unfinished*"))


@pytest.mark.slow
def test_kill_9_while_scores_are_written_leaves_the_old_ones(home, task):
    train(home, task)
    score(home, task)
    count = "SELECT count(*), count(DISTINCT entity_id) FROM predictions.clinic_ill"
    before = Warehouse(home).query(count).row(0)
    killed("score", "Warehouse", "write")
    assert Warehouse(home).query(count).row(0) == before
    score(home, task)
    assert Warehouse(home).query(count).row(0) == before

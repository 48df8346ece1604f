"""The served transformer: what onnxruntime gives is what torch gives, without torch, in any shape."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from analytics import registry
from analytics.calibration import Calibration
from analytics.events import EventBatch
from analytics.matrix import CodeBook
from analytics.model import Model
from analytics.models import served
from analytics.models.learner import Inputs
from analytics.models.served import HeldOut, Served
from analytics.models.transformer import Transformer
from analytics.models.transformer_inputs import Layout, arrays_of
from analytics.models.transformer_network import Network
from analytics.models.transformer_training import weights_of
from analytics.task import Meaning, Task
from analytics.venn_abers import venn_abers
from connectors.errors import AssistantError
from pipelines.settings import Settings

LAYOUT = Layout((0, 1, 2), (3,), (4,), types=3, reads_text=False, outputs=1, others=0, width=16, heads=2)


def inputs(cases: int, most: int, seed: int = 0) -> Inputs:
    """Cases with missing numbers, every code, and none to `most` events."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(cases, 4)).astype(np.float32)
    matrix[:, 3] = random.integers(0, 6, cases)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    offsets = np.concatenate([[0], np.cumsum(random.integers(0, most + 1, cases))])
    events = int(offsets[-1])
    numbers = [random.exponential(30, events).astype(np.float32) for _ in range(3)]
    numbers[0][::3] = np.nan
    kinds = random.integers(0, 3, events)
    return Inputs(matrix, EventBatch(offsets, kinds, *numbers, np.full(events, -1)))


def networks(count: int, layout: Layout = LAYOUT) -> list[Network]:
    torch.manual_seed(0)
    return [Network(layout).eval() for _ in range(count)]


def held_out(given: Inputs, parts: int) -> HeldOut:
    labels = (np.nan_to_num(given.matrix[:, 0]) > 0).astype(float)
    rows = np.arange(len(given))
    return HeldOut("binary", given, labels, [rows[rows % parts == part] for part in range(parts)])


def by_torch(network: Network, given: Inputs) -> np.ndarray:
    with torch.inference_mode():
        scores: Tensor = network(*(torch.from_numpy(array) for array in arrays_of(network.layout, given)))
    return scores.numpy()


@pytest.fixture(scope="module")
def exact() -> tuple[list[Network], Served]:
    """Two networks, exported as one graph with the weights of each."""
    both = networks(2)
    return both, Served(served.exported(both, LAYOUT), LAYOUT)


@pytest.mark.parametrize(("cases", "most"), [(1, 0), (1, 1), (3, 5), (100, 40)])
def test_scores_equal_those_of_torch_in_any_shape(
    exact: tuple[list[Network], Served], cases: int, most: int
) -> None:
    both, ours = exact
    given = inputs(cases, most, seed=cases)
    for part, network in enumerate(both):
        assert ours.margins(given, part) == pytest.approx(by_torch(network, given)[:, 0], abs=1e-5)
    mean = np.mean([by_torch(network, given)[:, 0] for network in both], axis=0)
    assert ours.margins(given) == pytest.approx(mean, abs=1e-5)


def test_int8_serves_only_where_it_costs_next_to_nothing(
    exact: tuple[list[Network], Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ours = exact
    given = inputs(200, 6)
    small = served.compact(ours, held_out(given, 2))
    costs = small.facts["int8"]
    assert (small.facts["precision"] == "int8") == (costs["lost"] <= served.MOST_LOST)
    assert costs["lost"] == pytest.approx(costs["auroc_float32"] - costs["auroc_int8"])
    assert small.facts["bytes"]["int8"] < small.facts["bytes"]["float32"]
    monkeypatch.setattr(served, "MOST_LOST", -1.0)
    large = served.compact(ours, held_out(given, 2))
    assert (large.facts["precision"], large.models) == ("float32", ours.models)
    monkeypatch.setattr(served, "MOST_LOST", 1.0)
    smallest = served.compact(ours, held_out(given, 2))
    assert smallest.facts["precision"] == "int8"
    assert sum(map(len, smallest.models)) == smallest.facts["bytes"]["int8"]
    assert smallest.margins(given) == pytest.approx(ours.margins(given), abs=0.1)


def test_the_cost_of_int8_is_a_number_where_few_rows_have_the_event(
    exact: tuple[list[Network], Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "JUDGED", 20)  # none of the rows looked at has it
    given = inputs(100, 3)
    rare = HeldOut("binary", given, (np.arange(100) == 3).astype(float), [np.arange(50), np.arange(50, 100)])
    costs = served.compact(exact[1], rare).facts["int8"]
    assert set(costs) == {"loss_float32", "loss_int8", "lost"}
    assert np.isfinite(list(costs.values())).all()


def test_several_classes_and_flat_tables_are_served_too() -> None:
    flat = Layout((0, 1, 2), (3,), (4,), types=0, reads_text=False, outputs=3, others=0, width=16, heads=2)
    [network], given = networks(1, flat), Inputs(inputs(80, 0).matrix)
    labels = np.arange(80) % 3.0
    found = served.served([network], flat, HeldOut("multiclass", given, labels, [np.arange(80)]), 1)
    assert found.margins(given).shape == (80, 3)
    assert found.margins(given) == pytest.approx(by_torch(network, given), abs=0.1)
    assert set(found.facts["int8"]) == {"loss_float32", "loss_int8", "lost"}
    assert found.facts["apart_from_torch"] < 1e-5


def test_a_network_that_scores_otherwise_is_refused(exact: tuple[list[Network], Served]) -> None:
    both, ours = exact
    with pytest.raises(AssistantError, match="scores differently"):
        served._apart(ours, 0, both[1], inputs(5, 3))
    assert served._apart(ours, 1, both[1], inputs(5, 3)) < 1e-5


def test_files_are_read_back_and_scored_without_torch(
    exact: tuple[list[Network], Served], tmp_path: Path
) -> None:
    _, ours = exact
    content = ours.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["transformer_0.onnx", "transformer_1.onnx"]
    given = inputs(20, 4)
    again = Served.load(tmp_path, content, LAYOUT, 1)
    assert (again.margins(given) == ours.margins(given)).all()
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from analytics.models.served import Served\n"
        "from analytics.models.learner import Inputs\n"
        "from analytics.models.transformer_inputs import Layout\n"
        f"served = Served.load(Path({str(tmp_path)!r}), {content!r}, Layout(**{vars(LAYOUT)!r}), 1)\n"
        "print(served.margins(Inputs(np.zeros((3, 4), np.float32))).shape, 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[0] == "(3,) False"


@pytest.mark.parametrize("name", ["transformer_1.onnx", "transformer_0.safetensors"])
def test_a_damaged_file_of_a_network_is_refused(
    exact: tuple[list[Network], Served], home: Settings, name: str
) -> None:
    both, ours = exact
    weights = tuple(weights_of(network) for network in both)
    words = Meaning({}, {}, {})
    task = Task("made", "binary", words, "", "", "", "")
    bounds = venn_abers(np.linspace(-1, 1, 50), np.arange(50) % 2.0)
    model = Model(
        "binary",
        ("0", "1"),
        CodeBook(()),
        Transformer("binary", LAYOUT, weights, serving=ours),
        Calibration(),
        bounds,
        (("all", 1.0),),
    )
    row = registry.save(home, task, model, {"snapshot_id": 0, "metrics": {}, "rows": {}})
    given = inputs(5, 3)
    assert registry.load(home, row).scorer.margins(given) == pytest.approx(ours.margins(given))
    registry._load.cache_clear()
    path = home.home / row.path / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(AssistantError, match=f"is damaged: {name} is not the file that was written"):
        registry.load(home, row)

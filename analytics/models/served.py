"""The transformer as it serves: ONNX, scored by onnxruntime without torch, in int8 where that costs nothing.

Every network is exported with any number of cases and events, checked against torch on real cases, and, where
the held-out cases lose at most MOST_LOST by it, its weights become int8 (dynamic quantisation). Cases are
scored in small batches of like length, so memory does not grow with them.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation import auroc
from analytics.models.learner import Inputs, Rows
from analytics.models.objectives import loss_per_row
from analytics.models.sentences import WIDTH as _WORDS
from analytics.models.transformer_inputs import Arrays, Layout, arrays_of, batches
from analytics.task import Kind
from connectors.errors import AssistantError

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[np.float64]

NAME = "transformer"
AT_ONCE = 32  # cases: what belongs to them stays in the processor's cache
MOST_LOST = 0.001  # AUROC, or share of the loss, that int8 may cost
MOST_APART = 1e-4  # of a raw score by onnxruntime from that by torch, relative to 1 + its size
CHECKED = 64  # cases on which both are compared
JUDGED = 5_000  # held-out cases on which the cost of int8 is measured
OPSET = 20


@dataclass(frozen=True)
class Served:
    """Networks of one layout as ONNX; the mean of their raw scores is the score.

    `facts` say what was measured when they were exported: size, distance from torch, cost of int8.
    """

    models: tuple[bytes, ...]
    layout: Layout
    threads: int = 1
    facts: dict[str, Any] = field(default_factory=dict)

    def margins(self, inputs: Inputs, part: int | None = None) -> Array:
        """Raw scores by all networks or by that of one part: (rows,), for several classes (rows, classes)."""
        sessions = self._sessions if part is None else [self._sessions[part]]
        total = np.zeros((len(inputs), self.layout.outputs))
        for rows, arrays in batches(self.layout, inputs, AT_ONCE):
            total[rows] = np.mean([_scores(session, arrays) for session in sessions], axis=0)
        return total if self.layout.outputs > 1 else total[:, 0]

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes `transformer_<part>.onnx`; returns what is recorded of them."""
        for number, content in enumerate(self.models):
            (folder / f"{NAME}_{number}.onnx").write_bytes(content)
        return {"models": len(self.models), **self.facts}

    @classmethod
    def load(cls, folder: Path, content: Mapping[str, Any], layout: Layout, threads: int) -> "Served":
        """The networks that `save` wrote."""
        paths = [folder / f"{NAME}_{number}.onnx" for number in range(content["models"])]
        facts = {name: value for name, value in content.items() if name != "models"}
        return cls(tuple(path.read_bytes() for path in paths), layout, threads, facts)

    @cached_property
    def _sessions(self) -> list[Any]:
        return [_session(content, self.threads) for content in self.models]


@dataclass(frozen=True)
class HeldOut:
    """Cases and outcomes, and for each network the positions of those it has not learned from."""

    kind: Kind
    inputs: Inputs
    labels: Array
    checks: Sequence[Rows]


def served(networks: Sequence["nn.Module"], layout: Layout, held_out: HeldOut, threads: int) -> Served:
    """Trained networks made ready to serve.

    Raises AssistantError where onnxruntime does not give what torch gives.
    """
    exact = Served(exported(networks, layout), layout, threads)
    apart = max(
        _apart(exact, number, network, held_out.inputs.rows(rows[:CHECKED]))
        for number, (network, rows) in enumerate(zip(networks, held_out.checks, strict=True))
    )
    return compact(replace(exact, facts={"apart_from_torch": apart}), held_out)


def compact(exact: Served, held_out: HeldOut) -> Served:
    """The networks in int8, or as they are where the held-out cases lose too much by it; `facts` say both."""
    small = replace(exact, models=tuple(quantised(content) for content in exact.models))
    costs = _cost_of(small, exact, held_out)
    chosen, precision = (small, "int8") if costs["lost"] <= MOST_LOST else (exact, "float32")
    sizes = {"float32": sum(map(len, exact.models)), "int8": sum(map(len, small.models))}
    return replace(chosen, facts={**exact.facts, "precision": precision, "int8": costs, "bytes": sizes})


def exported(networks: Sequence["nn.Module"], layout: Layout) -> tuple[bytes, ...]:
    """Networks of one layout as ONNX: any number of cases, events and sentences."""
    import torch

    free = torch.export.Dim.DYNAMIC
    given = _example(layout)
    shapes = tuple({0: free, 1: free} if name in _PER_EVENT else {0: free} for name in given._fields)
    with _quiet():
        program = torch.onnx.export(
            networks[0].eval(),
            tuple(torch.from_numpy(array) for array in given),
            dynamo=True,
            input_names=list(given._fields),
            output_names=["scores"],
            dynamic_shapes=(shapes,),
            opset_version=OPSET,
            verbose=False,
            optimize=False,  # which would leave no weight under its name
        )
    assert program is not None  # noqa: S101 - it is None only where a file is asked for
    graph = program.model_proto
    return tuple(_with_weights(graph, network) for network in networks)


def quantised(content: bytes) -> bytes:
    """The same network with int8 weights, its activations quantised as they come."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load_from_string(content)
    with tempfile.TemporaryDirectory() as folder, _quiet():
        small = Path(folder, "small.onnx")
        quantize_dynamic(model, small, per_channel=True, weight_type=QuantType.QInt8)
        return small.read_bytes()


_PER_EVENT = ("kinds", "values", "ages", "gaps", "texts", "present")


def _example(layout: Layout) -> Arrays:
    """Three made-up cases with up to five events: shapes for the export, whose values do not matter."""
    cases, events = 3, 5
    present = np.arange(events) < np.array([[5], [2], [0]])
    return Arrays(
        np.zeros((cases, len(layout.numbers)), np.float32),
        np.zeros((cases, len(layout.categories)), np.int64),
        np.zeros((cases, events), np.int64),
        np.zeros((cases, events), np.float32),
        np.ones((cases, events), np.float32),
        np.ones((cases, events), np.float32),
        np.zeros((cases, events), np.int64),
        present,
        np.zeros((2, _WORDS), np.float32),
    )


def _with_weights(graph: Any, network: "nn.Module") -> bytes:
    """The exported graph with the weights of any network of the layout (exporting anew takes seconds)."""
    import onnx
    from onnxscript import optimizer

    model = onnx.ModelProto()
    model.CopyFrom(graph)
    weights = network.state_dict()
    for stored in model.graph.initializer:
        if stored.name in weights:
            array = weights[stored.name].detach().cpu().numpy()
            stored.CopyFrom(onnx.numpy_helper.from_array(array, stored.name))
    folded = optimizer.optimize(model)
    # The exporter's notes on shapes contradict what onnx infers of broadcasts, those on nodes quote sources.
    del folded.graph.value_info[:]
    for node in folded.graph.node:
        node.ClearField("metadata_props")
    return bytes(folded.SerializeToString())


def _apart(exact: Served, part: int, network: "nn.Module", inputs: Inputs) -> float:
    """The largest distance of raw scores by onnxruntime from torch's; AssistantError if it is too large."""
    import torch

    with torch.inference_mode():
        arrays = arrays_of(exact.layout, inputs)
        theirs = network.eval()(*(torch.from_numpy(array) for array in arrays)).cpu().numpy()
    ours = exact.margins(inputs, part).reshape(theirs.shape)
    apart = np.abs(ours - theirs)
    if not (apart <= MOST_APART * (1 + np.abs(theirs))).all():
        raise AssistantError(
            f"The exported network scores differently from the trained one (by {apart.max():.2g}).",
            "Another version of torch or onnxruntime may help: requirements.lock lists those that agree.",
        )
    return float(apart.max(initial=0.0))


def _cost_of(small: Served, exact: Served, held_out: HeldOut) -> dict[str, float]:
    """What int8 loses on the held-out rows: AUROC, or a share of the loss where there are not two classes (or
    the rows looked at hold one only).
    """
    places = [rows[:: -(-sum(map(len, held_out.checks)) // JUDGED)] for rows in held_out.checks]
    truths = held_out.labels[np.concatenate(places)]
    ranks = held_out.kind == "binary" and 0 < truths.sum() < len(truths)
    figures = []
    for each in (exact, small):
        scores = [each.margins(held_out.inputs.rows(rows), part) for part, rows in enumerate(places)]
        margins = np.concatenate(scores)
        loss = float(loss_per_row(held_out.kind, truths, margins).mean())
        figures.append(auroc(truths, margins) if ranks else loss)
    before, after = figures
    if ranks:
        return {"auroc_float32": before, "auroc_int8": after, "lost": before - after}
    lost = (after - before) / max(abs(before), 1e-12)
    return {"loss_float32": before, "loss_int8": after, "lost": lost}


def _session(content: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait steal time from the neighbours on the same cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _scores(session: Any, arrays: Arrays) -> NDArray[np.float32]:
    read = {each.name for each in session.get_inputs()}  # without events, say, the exporter leaves some out
    given = {name: array for name, array in arrays._asdict().items() if name in read}
    scores: NDArray[np.float32] = session.run(None, given)[0]
    return scores


@contextmanager
def _quiet() -> Iterator[None]:
    """Exporter and quantiser say much that concerns nobody here."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)

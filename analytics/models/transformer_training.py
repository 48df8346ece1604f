"""How the transformer learns: first to fill in what is hidden of unlabelled cases, then the outcomes.

AdamW with warm-up and a cosine that ends with the steps planned or the seconds allowed, whichever comes
first; the weights kept are those best on the rows set aside. On a CPU everything is float32 and follows from
the seed (as long as the seconds suffice); on a GPU `accelerate` brings bf16.
"""

import copy
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analytics.models.learner import Array, Effort, Inputs, Part, Problem, Rows
from analytics.models.transformer_inputs import Arrays, Layout, arrays_of, batches
from analytics.models.transformer_lessons import FillIn, Outcomes
from analytics.models.transformer_network import BINS, Batch, Network
from connectors.errors import AssistantError

Weights = dict[str, NDArray[Any]]  # a network's parameters and buffers by name

SCORED_AT_ONCE = 512
MOST_CHECKED = 20_000  # rows that early stopping looks at
SMALLEST_BATCH = 8
HEADS = ("label.", "others.", "centre", "spread", "neutral")  # what pre-training does not teach


@dataclass(frozen=True)
class Plan:
    """How a network learns: over the rows `epochs` times at most, the rate as AdamW takes it."""

    epochs: int = 15
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.05
    warm_up: float = 0.1  # of the steps
    patience: int = 8  # looks at the check rows without improvement
    steps_between: int = 200  # looks, at most


class Clock:
    """The seconds that are left; without a limit, for ever."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = math.inf if seconds is None else max(seconds, 0.0)
        self.started = time.monotonic()

    @property
    def gone(self) -> float:
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        return self.seconds - self.gone

    @property
    def spent(self) -> float:
        """The share that is over, from 0 to 1."""
        return 1.0 if self.seconds == 0 else min(self.gone / self.seconds, 1.0)


@dataclass(frozen=True)
class Course:
    """What a lesson is repeated on: the rows to learn and to be checked on, and what they aim at.

    `targets` are tensors over all rows, handed to the lesson after the batch.
    """

    inputs: Inputs
    targets: tuple[Tensor, ...]
    learn: Rows
    check: Rows
    plan: Plan
    effort: Effort
    clock: Clock
    seed: int


def fresh(layout: Layout, inputs: Inputs, seed: int) -> Network:
    """A network with random weights whose numbers are cut at the quantiles of `inputs`."""
    with seeded(seed):
        network = Network(layout)
    if layout.numbers:
        numbers = np.where(np.isfinite(inputs.matrix), inputs.matrix, np.nan)[:, list(layout.numbers)]
        at = np.linspace(0, 1, BINS + 1)
        edges = [np.quantile(known, at) if len(known) else at for known in _known(numbers)]
        network.numbers.edges.copy_(torch.from_numpy(np.stack(edges)))
    return network


def pretrained(network: Network, inputs: Inputs, effort: Effort, clock: Clock, seed: int) -> Network:
    """The network after learning to fill in hidden events and features of unlabelled cases."""
    rows = np.random.default_rng(seed).permutation(len(inputs))
    check, learn = np.split(rows, [max(len(rows) // 20, 1)])
    plan = replace(plan_for(len(learn)), epochs=10, patience=10)
    return _taught(FillIn(network), Course(inputs, (), learn, check, plan, effort, clock, seed))


def taught(
    network: Network, problem: Problem, part: Part, effort: Effort, clock: Clock, plan: Plan | None = None
) -> Network:
    """The network after learning the outcomes of a part, as it was best on the rows that the part checks."""
    given = [problem.labels] if problem.also is None else [problem.labels, problem.also]
    targets = tuple(torch.from_numpy(each.astype(np.float32)) for each in given)
    chosen = plan or plan_for(len(part.learn))
    seed = problem.seed + part.number
    course = Course(problem.inputs, targets, part.learn, part.check, chosen, effort, clock, seed)
    best = _taught(Outcomes(network, problem.kind), course)
    some = problem.inputs.rows(part.learn[:: max(len(part.learn) // 2_000, 1)])
    batch = tensors(arrays_of(best.layout, some))
    with torch.no_grad():
        best.neutral[: best.layout.statics] = best.static_tokens(batch).mean(0)
        events = best.event_tokens(batch)
        if events is not None and batch.present.any():
            best.neutral[-1] = events[batch.present].mean(0)
    return best


def plan_for(rows: int) -> Plan:
    """Fewer rows: smaller batches, more passes."""
    if rows < 2_000:
        return Plan(epochs=40, batch=32, patience=12)
    return Plan() if rows < 20_000 else Plan(epochs=10, batch=256)


def beginning(layout: Layout, problem: Problem, start: Weights | None) -> Network:
    """A network that has learned no outcome; with `start`, one that knows what cases look like.

    It says the base rate of every case, or the mean of the values.
    """
    network = fresh(layout, problem.inputs, problem.seed)
    if start is not None:
        known = {name: value for name, value in start.items() if not name.startswith(HEADS)}
        network.load_state_dict(
            {name: torch.from_numpy(value) for name, value in known.items()}, strict=False
        )
    labels = problem.labels
    with torch.no_grad():
        network.label.weight.zero_()
        network.label.bias.zero_()
        if problem.kind == "regression":
            network.centre.fill_(float(labels.mean()))
            network.spread.fill_(float(labels.std()) or 1.0)
            return network
        counts = np.bincount(labels.astype(int), minlength=max(layout.outputs, 2)) + 0.5
        logs = np.log(counts / counts.sum())
        network.label.bias.copy_(torch.from_numpy(logs if layout.outputs > 1 else logs[1:] - logs[:1]))
    return network


def tensors(arrays: Arrays, device: str | torch.device = "cpu") -> Batch:
    """The arrays as tensors on a device."""
    return Batch(*(torch.from_numpy(np.ascontiguousarray(array)).to(device) for array in arrays))


def scores(network: Network, inputs: Inputs, device: str = "cpu") -> Array:
    """Raw scores of all cases, shape (rows, outputs)."""
    network.eval().to(device)
    found = np.zeros((len(inputs), network.layout.outputs))
    with torch.inference_mode():
        for rows, arrays in batches(network.layout, inputs, SCORED_AT_ONCE):
            found[rows] = network(*tensors(arrays, device)).cpu().numpy()
    network.cpu()
    return found


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers that follow from the seed; the caller's own go on afterwards as if nothing had been."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Torch with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def weights_of(network: Network) -> Weights:
    """A copy of everything a network has learned."""
    return {name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()}


def network_of(layout: Layout, weights: Weights) -> Network:
    """The network with these weights."""
    network = Network(layout)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network.eval()


def _taught(lesson: Outcomes | FillIn, course: Course) -> Network:
    """Repeats the lesson, on a GPU that runs out of memory with smaller batches, until it fits."""
    before = copy.deepcopy(lesson.state_dict())
    while True:
        try:
            with seeded(course.seed), threads(course.effort.threads):
                return _repeated(lesson, course)
        except torch.cuda.OutOfMemoryError as error:
            smaller = course.plan.batch // 2
            if smaller < SMALLEST_BATCH:
                raise AssistantError(
                    "The GPU has too little memory for the transformer, even with small batches.",
                    "Free its memory, or set SDA_DEVICE=cpu.",
                ) from error
            course = replace(course, plan=replace(course.plan, batch=smaller))
            torch.cuda.empty_cache()
            lesson.cpu().load_state_dict(before)
            course.effort.tell(f"out of GPU memory: again with batches of {smaller}")


def _repeated(lesson: Outcomes | FillIn, course: Course) -> Network:
    plan, clock, network = course.plan, course.clock, lesson.network
    optimizer = torch.optim.AdamW(_groups(lesson, plan.decay), lr=plan.rate)
    machine = Machine(course.effort.device, lesson, optimizer)
    an_epoch = -(-len(course.learn) // plan.batch)
    between = min(an_epoch, plan.steps_between)
    best, least, waited = weights_of(network), math.inf, 0
    for step, rows in enumerate(_dealt(course)):
        progress = max(step / (plan.epochs * an_epoch), clock.spent)
        if progress < 1:
            machine.learn(course, rows, plan.rate * _pace(progress, plan.warm_up))
            if (step + 1) % between:
                continue
        loss = machine.loss(course)
        if loss < least:
            best, least, waited = weights_of(network), loss, 0
        else:
            waited += 1
        if progress >= 1 or waited > plan.patience:
            break
    network.cpu().load_state_dict({name: torch.from_numpy(value) for name, value in best.items()})
    return network.eval()


class Machine:
    """Where a lesson is computed: plainly on the CPU, or through `accelerate` on a GPU in bf16."""

    def __init__(self, device: str, lesson: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.lesson, self.optimizer = lesson, optimizer
        self.device = torch.device(device)
        self.accelerator: Any = None
        if device == "cuda":
            from accelerate import Accelerator

            self.accelerator = Accelerator(mixed_precision="bf16")
            self.device = self.accelerator.device
            self.lesson, self.optimizer = self.accelerator.prepare(lesson, optimizer)

    def learn(self, course: Course, rows: Rows, rate: float) -> None:
        """One step on these rows, of which every process takes its share."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.lesson.train()
        self.optimizer.zero_grad()
        if self.accelerator is None:
            self._loss_of(course, rows).backward()  # type: ignore[no-untyped-call]
        else:
            share = rows[self.accelerator.process_index :: self.accelerator.num_processes]
            self.accelerator.backward(self._loss_of(course, share))
        nn.utils.clip_grad_norm_(self.lesson.parameters(), 1.0)
        self.optimizer.step()

    def loss(self, course: Course) -> float:
        """The mean loss over the check rows; what is drawn at random is drawn the same every time."""
        self.lesson.eval()
        rows = course.check[:: -(-len(course.check) // MOST_CHECKED)]
        lengths = _lengths(course.inputs, rows)
        total = 0.0
        with torch.inference_mode(), seeded(course.seed):
            for chosen in _cut(rows[np.argsort(lengths, kind="stable")], SCORED_AT_ONCE):
                total += float(self._loss_of(course, chosen)) * len(chosen)
        return total / len(rows)

    def _loss_of(self, course: Course, rows: Rows) -> Tensor:
        batch = tensors(arrays_of(_layout(self.lesson), course.inputs.rows(rows)), self.device)
        loss: Tensor = self.lesson(batch, *(target[rows].to(self.device) for target in course.targets))
        return loss


def _dealt(course: Course) -> Iterator[Rows]:
    """Batches for ever, every row once an epoch, cases of like length together to save padding."""
    random = np.random.default_rng(course.seed)
    lengths = _lengths(course.inputs, np.arange(len(course.inputs)))
    size = course.plan.batch
    while True:
        shuffled = random.permutation(course.learn)
        cut = [
            batch
            for some in _cut(shuffled, 16 * size)
            for batch in _cut(some[np.argsort(lengths[some], kind="stable")], size)
        ]
        for number in random.permutation(len(cut)):
            yield cut[number]


def _cut(rows: Rows, size: int) -> list[Rows]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _lengths(inputs: Inputs, rows: Rows) -> Rows:
    return np.zeros(len(rows), int) if inputs.events is None else inputs.events.lengths[rows]


def _pace(progress: float, warm_up: float) -> float:
    """The share of the full learning rate: up in a line, down in a cosine."""
    if progress < warm_up:
        return (progress + 0.01) / (warm_up + 0.01)
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


def _groups(lesson: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Parameters with and without decay: matrices of linear layers shrink, all else does not."""
    shrunken = {id(layer.weight) for layer in lesson.modules() if isinstance(layer, nn.Linear)}
    parameters = list(lesson.parameters())
    return [
        {"params": [each for each in parameters if id(each) in shrunken], "weight_decay": decay},
        {"params": [each for each in parameters if id(each) not in shrunken], "weight_decay": 0.0},
    ]


def _layout(lesson: Any) -> Layout:
    layout: Layout = getattr(lesson, "module", lesson).network.layout
    return layout


def _known(numbers: NDArray[Any]) -> list[NDArray[Any]]:
    return [column[~np.isnan(column)] for column in numbers.T]

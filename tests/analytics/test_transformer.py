"""The transformer: shapes, gradients, what order means to it, what it learns, and how it says why."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from analytics.evaluation import auroc
from analytics.events import EventBatch
from analytics.models import transformer
from analytics.models import transformer_training as training
from analytics.models.learner import Effort, Inputs, Part, Problem
from analytics.models.transformer import Transformer
from analytics.models.transformer_inputs import Layout, arrays_of, layout_of
from analytics.models.transformer_lessons import FillIn, Outcomes
from analytics.models.transformer_network import Network
from analytics.models.transformer_training import Clock, Plan, scores, tensors
from tests.analytics.planted_sequences import planted_problem

LAYOUT = Layout((0, 1, 3), (2,), (5,), types=4, reads_text=True, outputs=3, others=2, width=16, heads=2)
SENTENCES = ("all is well", "pain in the chest")


def some_cases(count: int = 12, seed: int = 0) -> Inputs:
    """Cases with up to six events, some without any, values and words missing now and then."""
    random = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(np.arange(count) % 7)])
    happened = int(offsets[-1])
    values = random.normal(size=happened).astype(np.float32)
    values[::3] = np.nan
    events = EventBatch(
        offsets,
        random.integers(0, 4, happened),
        values,
        random.uniform(0, 300, happened).astype(np.float32),
        random.uniform(0, 30, happened).astype(np.float32),
        random.integers(-1, 2, happened),
        SENTENCES,
    )
    matrix = random.normal(size=(count, 4)).astype(np.float32)
    matrix[:, 2] = random.integers(0, 6, count)
    matrix[::5, 0] = np.nan
    return Inputs(matrix, events)


@pytest.fixture(autouse=True)
def made_up_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of sentences without the sentence model, which has tests of its own."""

    def embedded(sentences: list[str]) -> np.ndarray:
        return np.array([[len(text)] + [0.1] * 383 for text in sentences], np.float32).reshape(-1, 384)

    monkeypatch.setattr("analytics.models.sentences.embedded", embedded)


def a_network(layout: Layout = LAYOUT, inputs: Inputs | None = None) -> Network:
    """A network whose heads say something, too."""
    return training.fresh(layout, inputs or some_cases(), seed=1).eval()


def test_every_case_gets_one_score_per_output_alone_or_in_company() -> None:
    cases, network = some_cases(), a_network()
    together = scores(network, cases)
    assert together.shape == (12, 3)
    alone = [scores(network, cases.rows(np.array([row])))[0] for row in range(12)]
    assert together == pytest.approx(np.array(alone), abs=1e-5)  # padding changes nothing
    assert len(np.unique(together.round(6), axis=0)) == 12


def test_the_gradient_is_finite_and_reaches_every_parameter() -> None:
    cases = some_cases(40)
    batch = tensors(arrays_of(LAYOUT, cases))
    network = training.fresh(LAYOUT, cases, seed=1)
    labels = torch.arange(40) % 3
    also = torch.tensor([[0.0, torch.nan], [1.0, 0.0]]).repeat(20, 1)
    with training.seeded(0):
        loss = Outcomes(network, "multiclass")(batch, labels.float(), also)
        loss.backward()
        assert all_reached(network)
        lesson = FillIn(training.fresh(LAYOUT, cases, seed=1))
        lesson(batch).backward()
    untaught = {name for name, value in lesson.named_parameters() if value.grad is None}
    assert {name.split(".")[1] for name in untaught} == {"label", "others"}
    assert all(value.grad.isfinite().all() for value in lesson.parameters() if value.grad is not None)


def test_half_precision_as_on_a_gpu_changes_little() -> None:
    cases = some_cases(40)
    batch, labels = tensors(arrays_of(LAYOUT, cases)), torch.arange(40.0) % 3
    network = a_network(inputs=cases)
    for lesson, given in ((Outcomes(network, "multiclass").eval(), (labels,)), (FillIn(network).eval(), ())):
        with training.seeded(0):
            exact = lesson(batch, *given)
        with training.seeded(0), torch.autocast("cpu", torch.bfloat16):
            rough = lesson(batch, *given)
        rough.backward()
        assert rough.item() == pytest.approx(exact.item(), rel=0.05)
        assert all(value.grad.isfinite().all() for value in lesson.parameters() if value.grad is not None)


def all_reached(network: Network) -> bool:
    gradients = [value.grad for value in network.parameters()]
    return all(g is not None and g.isfinite().all() and g.abs().sum() > 0 for g in gradients)


def test_the_order_of_static_features_means_nothing() -> None:
    cases, network = some_cases(), a_network()
    before = scores(network, cases)
    turned = Layout(**{**LAYOUT.__dict__, "numbers": (3, 0, 1)})
    other = a_network(turned)
    weights = training.weights_of(network)
    for name in ("edges", "weight", "bias", "missing"):
        weights[f"numbers.{name}"] = weights[f"numbers.{name}"][[2, 0, 1]]
    other = training.network_of(turned, weights)
    assert scores(other, cases) == pytest.approx(before, abs=1e-5)


def test_the_order_of_events_and_the_time_between_them_mean_something() -> None:
    cases, network = some_cases(), a_network()
    before, events = scores(network, cases), cases.events
    assert events is not None
    swapped = events.kinds.copy()
    first = events.offsets[:-1][events.lengths >= 2]
    swapped[first], swapped[first + 1] = (events.kinds[first] + 1) % 4, events.kinds[first]
    back = replace(events, kinds=swapped)
    there = replace(
        events, kinds=np.where(np.isin(np.arange(len(swapped)), first), events.kinds[first[0]], 0)
    )
    assert np.abs(scores(network, Inputs(cases.matrix, back)) - before).max() > 1e-3
    assert np.abs(scores(network, Inputs(cases.matrix, there)) - before).max() > 1e-3
    later = replace(events, ages=events.ages * 2)
    assert np.abs(scores(network, Inputs(cases.matrix, later)) - before).max() > 1e-3


def test_two_events_swapped_in_time_are_another_story() -> None:
    """The same two events, the same ages and gaps; only which came first differs."""

    def story(*kinds: int) -> Inputs:
        codes, days = np.array(kinds), np.full(2, 3, np.float32)
        none = np.full(2, np.nan, np.float32)
        events = EventBatch(np.array([0, 2]), codes, none, days, days, np.full(2, -1))
        return Inputs(np.zeros((1, 4), np.float32), events)

    network = a_network()
    assert np.abs(scores(network, story(1, 2)) - scores(network, story(2, 1))).max() > 1e-3


def test_what_training_never_saw_still_gets_a_score() -> None:
    cases, network = some_cases(), a_network()
    strange = cases.matrix.copy()
    strange[:, 0] = np.nan  # a feature all missing
    strange[:, 1] = np.inf
    strange[:, 3] = 3e38
    strange[:, 2] = 250  # a code beyond the book
    assert cases.events is not None
    events = replace(
        cases.events,
        kinds=np.full_like(cases.events.kinds, 99),
        ages=np.full_like(cases.events.ages, 1e30),
        gaps=np.full_like(cases.events.gaps, -1e30),
    )
    assert np.isfinite(scores(network, Inputs(strange, events))).all()
    assert np.isfinite(scores(network, Inputs(strange))).all()


def test_a_flat_table_is_the_case_without_events() -> None:
    flat = Layout((0, 1, 3), (2,), (5,), types=0, reads_text=False, outputs=1, others=0, width=16, heads=2)
    cases = some_cases()
    network = a_network(flat)
    assert scores(network, cases) == pytest.approx(scores(network, Inputs(cases.matrix)))
    explained = Transformer("binary", flat, (training.weights_of(network),)).contributions(
        Inputs(cases.matrix)
    )
    assert explained.columns.shape == (12, 4)
    assert explained.events is None


def test_only_the_newest_events_are_read_and_the_others_have_no_weight() -> None:
    cases = some_cases()
    layout = replace(LAYOUT, longest=3, outputs=1)
    network = a_network(layout)
    whole = scores(network, cases)
    explained = Transformer("binary", layout, (training.weights_of(network),)).contributions(cases)
    assert cases.events is not None
    assert explained.events is not None
    ends = cases.events.offsets[1:]
    old = np.repeat(ends, cases.events.lengths) - np.arange(len(cases.events.kinds)) > 3
    assert old.any()
    assert ((explained.events == 0) == old).all()
    changed = replace(cases.events, kinds=np.where(old, 0, cases.events.kinds))
    assert scores(network, Inputs(cases.matrix, changed)).tolist() == whole.tolist()


def test_less_time_means_fewer_events_to_read() -> None:
    problem, _ = planted_problem(60)
    longest = [layout_of(problem, seconds).longest for seconds in (None, 600.0, 1.0, 0.0)]
    assert longest[0] == 128
    assert longest == sorted(longest, reverse=True)
    assert longest[-1] == 32


def test_one_batch_is_learned_by_heart() -> None:
    cases = some_cases(24)
    labels = np.random.default_rng(3).integers(0, 3, 24).astype(float)
    given = replace(planted_problem(60)[0], kind="multiclass", classes=3, inputs=cases, labels=labels)
    layout = replace(LAYOUT, dropout=0.0, others=0, width=32)
    rows = np.arange(24)
    network = training.beginning(layout, given, None)
    plan = Plan(epochs=120, batch=24, rate=5e-3, patience=200)
    network = training.taught(network, given, Part(0, rows, rows), Effort(), Clock(None), plan)
    assert (scores(network, cases).argmax(axis=1) == labels).all()


def quick(problem: Problem, **changed: object) -> tuple[Problem, np.ndarray]:
    """The problem, and folds that hold out its first fifth."""
    rows = len(problem.inputs)
    return replace(problem, **changed), np.where(np.arange(rows) < rows // 5, 0, -1)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted() -> tuple[Problem, np.ndarray]:
    return planted_problem(2_500, strength=5.0, mean_events=7)


@pytest.fixture(scope="module")
def learned(planted: tuple[Problem, np.ndarray]) -> Transformer:
    """A small transformer that has learned which pairs of events raise the risk."""
    problem, folds = quick(planted[0])
    layout = replace(layout_of(problem), width=32)
    scorer = transformer.fit(problem, folds, Effort(), start=untaught(problem, layout), layout=layout).scorer
    assert isinstance(scorer, Transformer)
    return scorer


def untaught(problem: Problem, layout: Layout) -> transformer.Weights:
    """Weights to start from where pre-training is not what is tested."""
    return training.weights_of(training.fresh(layout, problem.inputs, problem.seed))


def test_it_learns_what_no_count_tells(planted: tuple[Problem, np.ndarray], learned: Transformer) -> None:
    problem, truth = planted
    judged = np.arange(500)
    best = auroc(problem.labels[judged], truth[judged])
    assert auroc(problem.labels[judged], learned.margins(problem.inputs.rows(judged))) > best - 0.05


def test_base_columns_and_events_sum_to_the_raw_score(
    planted: tuple[Problem, np.ndarray], learned: Transformer
) -> None:
    some = planted[0].inputs.rows(np.arange(40))
    assert some.events is not None
    found = learned.contributions(some)
    assert found.events is not None
    of_events = [
        found.events[a:b].sum() for a, b in zip(some.events.offsets, some.events.offsets[1:], strict=False)
    ]
    assert found.base + found.columns.sum(axis=1) + of_events == pytest.approx(learned.margins(some))
    assert found.columns.shape == (40, 2)


def test_the_event_that_weighs_most_is_missed_most_when_deleted(
    planted: tuple[Problem, np.ndarray], learned: Transformer
) -> None:
    from scipy.stats import spearmanr

    some = planted[0].inputs.rows(np.arange(60))
    found, margins = learned.contributions(some).events, learned.margins(some)
    assert found is not None
    assert some.events is not None
    lost = np.zeros(len(found))
    for event in range(len(found)):
        case = int(np.searchsorted(some.events.offsets, event, side="right")) - 1
        place = event - int(some.events.offsets[case])
        alone = some.rows(np.array([case]))
        assert alone.events is not None
        lost[event] = margins[case] - learned.margins(Inputs(alone.matrix, alone.events.without(place)))[0]
    assert np.corrcoef(lost, found)[0, 1] > 0.6
    assert spearmanr(lost, found).statistic > 0.3
    runs = [np.arange(a, b) for a, b in zip(some.events.offsets, some.events.offsets[1:], strict=False)]
    # Of a pair that counts only together, deleting either undoes the other: two may be missed alike.
    hits = [np.abs(found[run]).argmax() in np.abs(lost[run]).argsort()[-2:] for run in runs if len(run) > 5]
    assert np.mean(hits) > 0.6


def test_the_same_seed_gives_the_same_model(planted: tuple[Problem, np.ndarray]) -> None:
    problem, folds = quick(planted[0].rows(np.arange(100)))
    layout = replace(layout_of(problem), width=16, layers=1)
    first, second = (transformer.fit(problem, folds, Effort(), layout=layout) for _ in range(2))
    assert first.margins.tolist() == second.margins.tolist()
    other = transformer.fit(replace(problem, seed=8), folds, Effort(), layout=layout)
    assert first.margins.tolist() != other.margins.tolist()


def test_a_budget_of_no_time_ends_at_once_with_a_model(planted: tuple[Problem, np.ndarray]) -> None:
    problem, folds = quick(planted[0])
    heard: list[str] = []
    fitted = transformer.fit(problem, folds, Effort(seconds=0.0, progress=heard.append))
    base = float(np.log(problem.labels.mean() / (1 - problem.labels.mean())))
    assert fitted.margins == pytest.approx(np.full(500, base), abs=0.01)
    assert heard[-1].startswith("model 1 of 1")


def test_training_stops_once_the_check_rows_gain_no_more(
    planted: tuple[Problem, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, _ = quick(planted[0].rows(np.arange(200)))
    noise = replace(problem, labels=np.random.default_rng(0).integers(0, 2, 200).astype(float))
    looks: list[float] = []
    look = training.Machine.loss

    def counted(machine: training.Machine, course: training.Course) -> float:
        looks.append(look(machine, course))
        return looks[-1]

    monkeypatch.setattr(training.Machine, "loss", counted)
    layout = replace(layout_of(noise), width=16)
    network = training.beginning(layout, noise, None)
    part = Part(0, np.arange(100, 200), np.arange(100))
    best = training.taught(network, noise, part, Effort(), Clock(None), Plan(epochs=50, batch=50, patience=3))
    assert len(looks) < 50
    assert np.argmin(looks) == len(looks) - 5
    judged = tensors(arrays_of(layout, noise.inputs.rows(part.check)))
    with torch.no_grad():
        kept = Outcomes(best, "binary").eval()(judged, torch.from_numpy(noise.labels[:100]).float())
    assert float(kept) == pytest.approx(min(looks), abs=1e-4)


def test_further_outcomes_are_learned_beside_the_label_where_they_are_known(
    planted: tuple[Problem, np.ndarray],
) -> None:
    problem = planted[0].rows(np.arange(700))
    truth = (problem.inputs.matrix[:, 0] > 0).astype(float)
    sometimes = np.where(np.arange(700) % 2, np.nan, 1 - truth)
    noise = np.random.default_rng(0).integers(0, 2, 700).astype(float)
    several = replace(problem, labels=noise, also=np.stack([truth, sometimes], axis=1))
    rows = np.arange(700)
    network = training.beginning(replace(layout_of(several), width=32), several, None)
    taught = training.taught(
        network, several, Part(0, rows[100:], rows[100:]), Effort(), Clock(None), Plan(epochs=6, patience=9)
    )
    with torch.no_grad():
        batch = tensors(arrays_of(taught.layout, several.inputs.rows(rows[:100])))
        summary = taught.summary(batch, taught.static_tokens(batch), taught.event_tokens(batch))
        assert taught.others is not None
        found = taught.others(summary).numpy().astype(float)
    assert auroc(truth[:100], found[:, 0]) > 0.9
    assert auroc(truth[:100], found[:, 1]) < 0.1


def test_values_are_predicted_in_their_own_unit() -> None:
    problem, _ = planted_problem(400)
    prices = 5_000 + 300 * problem.inputs.matrix[:, 0].astype(float)
    given, folds = quick(
        replace(
            problem, kind="regression", inputs=Inputs(problem.inputs.matrix), event_book=None, labels=prices
        )
    )
    fitted = transformer.fit(given, folds, Effort())
    assert np.abs(fitted.margins - prices[fitted.held_out]).mean() < 100


def test_what_is_saved_scores_the_same_without_torch(learned: Transformer, tmp_path: Path) -> None:
    content = learned.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".onnx"}
    loaded = transformer.load(tmp_path, content, threads=1)
    held_out = learned.held_out
    assert held_out is not None
    some = held_out.inputs.rows(np.arange(50))
    assert loaded.layout == learned.layout
    assert replace(loaded, serving=None).margins(some).tolist() == learned.margins(some).tolist()
    assert np.corrcoef(loaded.margins(some), learned.margins(some))[0, 1] > 0.999
    explained = loaded.contributions(some.rows(np.arange(5)))
    assert explained.events is not None
    code = "import sys, analytics.models.transformer; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_held_out_scores_of_several_folds_know_nothing_of_their_rows(
    planted: tuple[Problem, np.ndarray],
) -> None:
    problem = planted[0].rows(np.arange(300))
    noise = replace(problem, labels=np.random.default_rng(1).integers(0, 2, 300).astype(float))
    layout = replace(layout_of(noise), width=16, layers=1)
    fitted = transformer.fit(noise, np.arange(300) % 3, Effort(), layout=layout)
    assert fitted.held_out.tolist() == list(range(300))
    assert auroc(noise.labels, fitted.margins) == pytest.approx(0.5, abs=0.09)
    assert isinstance(fitted.scorer, Transformer)
    assert len(fitted.scorer.weights) == 3


def test_pre_training_learns_what_cases_look_like(
    planted: tuple[Problem, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On cases set aside; what that is worth where few outcomes are known, the benchmark shows."""
    losses: list[float] = []
    look = training.Machine.loss

    def noted(machine: training.Machine, course: training.Course) -> float:
        losses.append(look(machine, course))
        return losses[-1]

    monkeypatch.setattr(training.Machine, "loss", noted)
    problem = planted[0].rows(np.arange(500))
    layout = replace(layout_of(problem), width=16, layers=2, heads=2)
    blank = replace(problem, labels=np.full(500, np.nan))
    start = transformer.pretrain(blank, Effort(), layout=layout)
    assert min(losses) < 0.95 * losses[0]
    begun = training.beginning(layout, problem, start)
    assert np.array_equal(training.weights_of(begun)["events.kinds.weight"], start["events.kinds.weight"])
    assert np.ptp(scores(begun, problem.inputs)) == 0  # it still says the base rate of everyone


def test_an_update_goes_on_from_the_weights_it_is_given(
    planted: tuple[Problem, np.ndarray], learned: Transformer
) -> None:
    new, truth = planted_problem(400, seed=9, strength=5.0, mean_events=7)
    problem, folds = quick(new)
    before = auroc(problem.labels[:80], learned.margins(problem.inputs.rows(np.arange(80))))
    updated = transformer.update(learned, problem, folds, Effort())
    assert auroc(problem.labels[:80], updated.margins) > before - 0.03
    assert auroc(problem.labels[:80], truth[:80]) - auroc(problem.labels[:80], updated.margins) < 0.1
    moved = updated.scorer.margins(problem.inputs) - learned.margins(problem.inputs)
    assert np.abs(moved).max() > 0

"""What every issue says of its making, and what its reader must know before relying on it."""

from collections.abc import Iterator

from dashboards.models.measures import warning
from dashboards.models.subject import Subject, figure
from dashboards.models.watching import in_a_line, verdict_sentence
from dashboards.numbers import ABSENT, day, integer, moment, number
from dashboards.reports.desk import Desk, Scored
from dashboards.reports.report import Fact, Paragraph, Section
from dashboards.wording import together

# Mean difference of predicted and observed shares (expected calibration error) up to which scores may be
# taken by their numbers, and beyond which they may not.
_WELL, _BADLY = 0.02, 0.05


def facts(desk: Desk, snapshot: int, cut: str) -> Iterator[Fact]:
    """Period, data, snapshot, whose rows (`cut` in words), and the model with how it proved itself."""
    _ = desk.say
    before = day(desk.before, desk.language) if desk.before else _("this is the first")
    yield Fact(_("Issue"), moment(desk.period, desk.language, desk.timezone))
    if isinstance(desk, Scored):
        yield Fact(_("Data as of"), day(desk.as_of, desk.language))
    else:
        yield Fact(_("Data as of"), moment(desk.as_of, desk.language, desk.timezone))
    yield Fact(_("Data of the issue before"), before)
    yield Fact(_("Snapshot of the warehouse"), str(snapshot))
    if cut:
        yield Fact(_("Only"), cut)
    if isinstance(desk, Scored):
        yield from _about_the_model(desk)


def _about_the_model(desk: Scored) -> Iterator[Fact]:
    _ = desk.say
    yield Fact(_("Model"), f"{desk.task.name} {desk.version}")
    yield Fact(_("Tested on cases it had not seen"), _tested(desk))
    yield Fact(_("Drift"), in_a_line(desk.check, desk.language, desk.timezone) or _("not checked yet"))


def _tested(desk: Scored) -> str:
    """How good the model that made the scores proved to be on held-out cases."""
    _, model = desk.say, desk.model
    tested = model.metrics.get("test", {}) if model else {}
    if model is None or not tested:
        return ABSENT
    subject, rows = Subject(desk.task, model, desk.language), integer(model.rows.get("test"), desk.language)
    if "auroc" not in tested:
        name = "accuracy" if desk.task.kind == "multiclass" else "mae"
        label = {"accuracy": _("accuracy"), "mae": _("mean absolute error")}[name]
        return _("{measure} {value}, {rows} cases").format(
            measure=label, value=subject.measured(name), rows=rows
        )
    told = _("AUROC {auroc}, calibration error {error}, {rows} cases.").format(
        auroc=subject.measured("auroc"), error=number(tested.get("ece"), desk.language, 3), rows=rows
    )
    return together([told, calibration(desk)], desk.language)


def calibration(desk: Scored) -> str:
    """Whether the scores may be taken by their numbers, as one sentence; "" where that is not known."""
    _, metrics = desk.say, desk.model.metrics if desk.model else {}
    error = figure(metrics.get("test", {}).get("ece"))
    if metrics.get("only_ranks"):
        return _("Not calibrated: take its order, not its numbers.")
    if error is None:
        return ""
    if error <= _WELL:
        return _("Well calibrated.")
    return _("Roughly calibrated.") if error <= _BADLY else _("Badly calibrated: its numbers are off.")


def warnings(desk: Scored) -> Iterator[Section]:
    """What a reader must know first where the model is not to be relied on."""
    _ = desk.say
    if desk.check is not None and desk.check.verdict == "act":
        yield Paragraph(_("Scores not to be relied on"), verdict_sentence("act", desk.language), "notice")
    if told := warning(desk.model.metrics if desk.model else None, desk.language):
        yield Paragraph(_("Scores that only rank"), told, "notice")

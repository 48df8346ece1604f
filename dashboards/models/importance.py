"""What the model looks at over all cases: the share of each feature in how far the scores are moved."""

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.models.subject import Subject, figure
from dashboards.numbers import percent
from dashboards.reports.report import Section

MOST = 12


def sections(subject: Subject) -> list[Section]:
    """The strongest features; nothing where this version has no such figures."""
    _ = subject.say
    rows = [
        {"feature": subject.label(str(each.get("feature"))), "share": share}
        for each in subject.rows("importance")
        if (share := figure(each.get("share"))) is not None
    ]
    if not rows:
        return []
    data = pl.DataFrame(rows).sort("share", descending=True, maintain_order=True).head(MOST)
    sentence = _("«{feature}» accounts for {share} of how far the scores are moved.").format(
        feature=data["feature"][0], share=percent(data["share"][0], subject.language, 0)
    )
    return [
        Chart(
            name="importance",
            kind="ranked",
            title=_("What the model looks at"),
            sentence=sentence,
            data=data,
            x=Axis("feature", _("Feature"), "text"),
            y=Axis("share", _("Share of all movement"), "percent"),
        )
    ]

"""What is to become of a delivery before anything is sent: due, held, or skipped, and why.

A rehearsal and the real run ask here, so that they say the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from connectors.errors import AssistantError
from dashboards.reports import viewed
from dashboards.reports.declared import report_settings
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.titled import view_name
from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.returns import suppressions
from dashboards.subscriptions.sending import holding, letters
from dashboards.subscriptions.sending.before import Before
from dashboards.subscriptions.sending.conditions import unmet
from dashboards.subscriptions.sending.issues import Issues, Wanted
from pipelines.mailing import PlanSettings, ReportSettings
from pipelines.settings import Settings
from pipelines.store import Store, Subscription, Suppression

State = Literal["due", "held", "lapsed", "suppressed", "skipped", "unmade"]


@dataclass(frozen=True)
class Verdict:
    """`held_for` is `data` or `plan`; `wanted` the issue. `unmade`: it cannot be made as things are."""

    state: State
    why: str = ""
    held_for: str = ""
    wanted: Wanted | None = None


class Judge:
    """Asks once a run what holds for many: `at` is the moment of the run."""

    def __init__(self, settings: Settings, issues: Issues, at: datetime) -> None:
        self._settings = settings
        self._issues = issues
        self._at = at
        self._standings = plans.Standings(settings)
        self._held: dict[str, str] = {}
        self._doubted: tuple[Wanted, str] | None = None  # the last issue that was looked at
        self._reports: dict[str, ReportSettings] = {}
        self._suppressed: dict[str, str] = {}
        self._views: dict[tuple[str, ...], str] = {}
        self._view_names: dict[tuple[str, ...], str] = {}

    def look_up(self, emails: Iterable[str]) -> None:
        """Learns which of the addresses nothing is sent to: of many in one query."""
        mailboxes = {suppressions.mailbox(email) for email in emails}
        with Store(self._settings).session() as session:
            found = session.scalars(select(Suppression.email).where(Suppression.email.in_(mailboxes))).all()
        self._suppressed = {email: suppressions.reason(self._settings, email) for email in found}

    def foresee(self, subscription: Subscription) -> None:
        """Goes on as if an issue were sent to the subscription: its account has one less."""
        self._standings.foresee(subscription.account)

    def of(
        self,
        subscription: Subscription,
        kind: str,
        period: datetime,
        before: Before | None,
        *,
        is_released: bool = False,
    ) -> Verdict:
        """The verdict on one delivery; `is_released`: a person sends it whatever speaks against."""
        try:
            return self._of(subscription, kind, period, before, is_released)
        except AssistantError as error:  # such as a report that settings no longer know
            return Verdict("unmade", str(error))

    def _of(
        self,
        subscription: Subscription,
        kind: str,
        period: datetime,
        before: Before | None,
        is_released: bool,
    ) -> Verdict:
        expected = "pending" if kind == "confirmation" else "active"
        if subscription.status != expected:
            return Verdict("skipped", f"The subscription is {subscription.status}.")
        if why := self._suppressed.get(suppressions.mailbox(subscription.email), ""):
            return Verdict("suppressed", why)
        if kind == "notice" and letters.held_issue(self._settings, subscription, period) is None:
            return Verdict("skipped", "The issue is held no longer.")
        if kind != "issue":
            return Verdict("due")
        return self._of_issue(subscription, period, before, is_released)

    def _of_issue(
        self, subscription: Subscription, period: datetime, before: Before | None, is_released: bool
    ) -> Verdict:
        standing = self._standings.of(subscription, self._at, due=period)
        if standing.state not in plans.SENT and not is_released:
            if standing.for_good:
                return Verdict("skipped", standing.why)
            return Verdict("lapsed" if standing.state == "lapsed" else "held", standing.why, "plan")
        wanted = Wanted(subscription.report, self._reader(subscription, standing.plan), period, before)
        if not is_released and (why := self._why_held(wanted)):
            return Verdict("held", why, "data", wanted)
        if subscription.only_if and (why := unmet(self._issues.report(wanted), subscription.only_if)):
            return Verdict("skipped", why)
        return Verdict("due", wanted=wanted)

    def _why_held(self, wanted: Wanted) -> str:
        """Why the issue is held, "" where it is not; asked once for all who see the same.

        The report is written for it only where its rows decide.
        """
        name, given = wanted.report, self._given(wanted.report)
        if name not in self._held:
            self._held[name] = holding.reason(self._settings, name)
        if not self._held[name] and (lost := self._lost_view(wanted)):
            return holding.told([lost])
        if self._held[name] or (given.rows_change is None and not given.least_rows):
            return self._held[name]
        if self._doubted is None or self._doubted[0] != wanted:
            rows = wanted.before.rows if wanted.before else None
            doubts = holding.reasons(self._settings, name, self._issues.report(wanted), rows)
            self._doubted = wanted, holding.told(doubts)
        return self._doubted[1]

    def _lost_view(self, wanted: Wanted) -> str:
        """Why the reader's view cannot be kept to any more; asked once for all who have it."""
        reader = wanted.reader
        key = (wanted.report, reader.role, reader.cut)
        if key not in self._views:
            given = self._given(wanted.report)
            self._views[key] = viewed.trouble(
                self._settings, wanted.report, given, reader.role, reader.attributes
            )
        return self._views[key]

    def _view_name(self, subscription: Subscription) -> str:
        """What the view of a subscription is called; asked once for all alike."""
        key = (subscription.report, subscription.account, subscription.cut)
        if key not in self._view_names:
            self._view_names[key] = view_name(self._settings, subscription)
        return self._view_names[key]

    def _reader(self, subscription: Subscription, plan: PlanSettings | None) -> Reader:
        """Whom an issue is for, as far as that makes it differ from that of others."""
        formats = set(subscription.formats or self._given(subscription.report).attachments)
        return Reader(
            language=subscription.language,
            role=subscription.role,
            timezone=subscription.timezone,
            attributes=attributes_of(subscription.attributes),
            formats=tuple(sorted(formats & set(plan.formats) if plan else formats)),
            rows=plan.rows if plan else None,
            view_name=self._view_name(subscription),
        )

    def _given(self, report: str) -> ReportSettings:
        if report not in self._reports:
            self._reports[report] = report_settings(self._settings, report)
        return self._reports[report]

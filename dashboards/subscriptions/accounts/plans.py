"""How a subscription stands with its account's plan: may an issue go, and if not, why, in words."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dashboards.numbers import day as written_day
from dashboards.subscriptions.accounts import usage
from dashboards.subscriptions.accounts.terms import (
    Term,
    held_days,
    included,
    is_priced,
    month_of,
    term_on,
    terms_of,
)
from dashboards.wording import say
from pipelines.mailing import PlanSettings
from pipelines.settings import Settings
from pipelines.store import Store, Subscription

State = Literal["fine", "grace", "lapsed", "over", "not_in_plan"]
SENT = ("fine", "grace")


@dataclass(frozen=True)
class Standing:
    """What a plan says to an issue: it goes when `state` is one of `SENT`; else `why` not.

    `for_good`: no later day makes it go (the subscription had its issue of that day, week or month).
    """

    state: State
    why: str = ""
    plan: PlanSettings | None = None
    for_good: bool = False


class Standings:
    """How subscriptions stand during one run, in which readers of accounts are counted once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mailboxes: dict[str, list[str]] = {}
        self._foreseen: Counter[str] = Counter()  # issues of accounts that a rehearsal would send

    def foresee(self, account: str) -> None:
        """Counts one more issue of the account as if it were sent."""
        self._foreseen[account] += 1

    def of(
        self, subscription: Subscription, at: datetime, language: str = "en", due: datetime | None = None
    ) -> Standing:
        """As `standing`; `due` is the moment of the issue in question, where that is another than `at`."""
        name, _ = subscription.account, say(language)
        if not name:
            return Standing("fine")
        account = self._settings.accounts.get(name)
        if account is None:
            return Standing("lapsed", _("The account {account} is no longer kept.").format(account=name))
        terms = terms_of(account, self._settings.plans)
        today = at.astimezone(ZoneInfo(account.timezone)).date()
        phase, term = term_on(terms, today, account.grace_days)
        if phase == "before":
            first = written_day(term.first, language)
            return _no("not_in_plan", term, _("The plan {plan} begins on {day}."), day=first)
        if phase == "after":
            last = written_day(term.last, language)
            return _no("lapsed", term, _("The plan {plan} ended on {day}."), day=last)
        return self._limited(subscription, terms, term, at, language, due or at) or Standing(
            "grace" if phase == "grace" else "fine", "", term.plan
        )

    def _limited(
        self,
        subscription: Subscription,
        terms: list[Term],
        term: Term,
        at: datetime,
        language: str,
        due: datetime,
    ) -> Standing | None:
        """What the plan in force does not have, or has no more of; None where all is well."""
        plan, _ = term.plan, say(language)
        if not has_report(plan, subscription.report):
            return _no("not_in_plan", term, _("The plan {plan} does not have this report."))
        if self._is_beyond_the_readers(subscription, plan):
            return _no("over", term, _("The plan {plan} is for fewer readers than there are."))
        if plan.at_most and usage.had_its_issue(self._settings, subscription, plan.at_most, due):
            words = _("The plan {plan} has one issue {rhythm}, and it was sent.")
            return Standing(
                "over", words.format(plan=title_of(term), rhythm=rhythm(plan, language)), plan, True
            )
        if self._are_used_up(subscription.account, terms, term, at):
            return _no("over", term, _("The issues that the plan {plan} has in a month are used up."))
        return None

    def _is_beyond_the_readers(self, subscription: Subscription, plan: PlanSettings) -> bool:
        if plan.recipients is None:
            return False
        account = subscription.account
        if account not in self._mailboxes:
            with Store(self._settings).session() as session:
                self._mailboxes[account] = mailboxes(session, account)
        return subscription.email.lower() not in self._mailboxes[account][: plan.recipients]

    def _are_used_up(self, name: str, terms: list[Term], term: Term, at: datetime) -> bool:
        plan, account = term.plan, self._settings.accounts[name]
        if plan.issues is None or is_priced(plan):
            return False
        first, last = month_of(at.astimezone(ZoneInfo(account.timezone)).date())
        held = held_days(terms, term, account.grace_days, first, last)
        sent = usage.issues_sent(self._settings, name, max(first, term.first), last)
        return sent + self._foreseen[name] >= (included(plan, held, last.day) or 0)


def standing(settings: Settings, subscription: Subscription, at: datetime, language: str = "en") -> Standing:
    """How `subscription` stands with its account's plan at the moment an issue is due.

    Subscriptions of the house itself have no plan and no limits. Where an account may not have more issues
    in a month, as many senders as work at once may each send one more.
    """
    return Standings(settings).of(subscription, at, language)


def mailboxes(session: Session, account: str) -> list[str]:
    """The readers of an account who have not left, oldest first: addresses in lower case."""
    mailbox = func.lower(Subscription.email)
    query = (
        select(mailbox)
        .where(Subscription.account == account, Subscription.status != "cancelled")
        .group_by(mailbox)
        .order_by(func.min(Subscription.id))
    )
    return list(session.scalars(query))


def has_report(plan: PlanSettings, report: str) -> bool:
    """Whether a plan has a report."""
    return "*" in plan.reports or report in plan.reports


def rhythm(plan: PlanSettings, language: str) -> str:
    """How often at most a plan has an issue of a report."""
    _ = say(language)
    words = {"hourly": _("an hour"), "daily": _("a day"), "weekly": _("a week"), "monthly": _("a month")}
    return words[plan.at_most]


def _no(state: State, term: Term, words: str, **values: str) -> Standing:
    return Standing(state, words.format(plan=title_of(term), **values), term.plan)


def title_of(term: Term) -> str:
    """What people call the plan of a term."""
    return term.plan.title or term.name

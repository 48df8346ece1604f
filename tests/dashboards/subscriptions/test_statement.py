"""The statement of a month: the same whenever it is made, in figures that add up, on paper as in the file."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import AssistantError, UsageError
from dashboards.reports.pdf import pdf
from dashboards.subscriptions.accounts import statement as module
from dashboards.subscriptions.accounts.statement import (
    Statement,
    as_csv,
    as_json,
    month_named,
    statement_of,
    statements,
)
from dashboards.subscriptions.accounts.statement_page import printed
from flows.answer import to_json
from pipelines.mailing import AccountSettings, PlanChange, PlanSettings
from pipelines.settings import Settings
from tests.dashboards.reports.pdf_text import texts
from tests.dashboards.subscriptions.accounts import deliver, subscribed

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def accounts(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """`acme` changes its plan on 17 November and sent 22 issues by then; `apex` (Chinese) ends that month."""
    monkeypatch.setattr(module, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    silver = PlanSettings(title="=Silver", price=Decimal(100), issues=3, price_per_issue=Decimal("0.125"))
    gold = PlanSettings(title="Gold", price=Decimal("249.90"))
    yen = PlanSettings(price=Decimal(1000), currency="JPY")
    settings = home.model_copy(
        update={
            "plans": {"silver": silver, "gold": gold, "yen": yen},
            "accounts": {
                "acme": AccountSettings(
                    title="ACME Ltd.", plan="silver", start=date(2026, 1, 31), timezone="Europe/Berlin",
                    changes=[PlanChange(on=date(2026, 11, 17), plan="gold")],
                ),
                "apex": AccountSettings(
                    plan="gold", start=date(2026, 11, 5), end=date(2026, 11, 30), language="zh"
                ),
                "early": AccountSettings(plan="gold", start=date(2027, 1, 1)),
                "two": AccountSettings(
                    plan="gold", start=date(2026, 11, 1),
                    changes=[PlanChange(on=date(2026, 11, 21), plan="yen")],
                ),
            },
        }
    )  # fmt: skip
    for reader in range(3):
        entry = subscribed(settings, f"r{reader}@acme.example")
        deliver(settings, entry, *(f"2026-11-{day:02}T07:00" for day in range(1, 21, 2 + reader)))
    return settings


def on_paper(made: Statement) -> str:
    """What the PDF says, without white space."""
    return "".join(texts(pdf(printed(made, "Ours & Sons"))))


def test_a_statement_holds_each_credit_and_charge_and_adds_them_up(accounts: Settings) -> None:
    made = statement_of(accounts, "acme", NOVEMBER)
    assert [(line.kind, line.amount) for line in made.lines] == [
        ("credit", Decimal("-43.33")),  # 13 of the 30 days from 31 October on
        ("charge", Decimal("108.29")),
        ("plan", Decimal("249.90")),
        ("issues", Decimal("2.00")),  # 18 sent, 3 x 16/30 included
    ]
    assert made.totals == {"EUR": Decimal("316.86")}
    assert (made.usage.issues, made.usage.recipients, made.is_final) == (22, 3, True)
    assert statement_of(accounts, "two", NOVEMBER).totals == {"EUR": Decimal("166.60"), "JPY": Decimal(333)}


def test_what_comes_later_changes_nothing_in_it(accounts: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything() -> tuple[bytes, bytes, str]:
        made = statement_of(accounts, "acme", NOVEMBER)
        return as_csv(made), pdf(printed(made, "Ours")), to_json(as_json(made))

    before = everything()
    entry = subscribed(accounts, "late@acme.example")
    deliver(accounts, entry, "2026-10-31T22:59", "2026-11-30T23:00", "2026-12-24T07:00")  # Berlin's days
    deliver(accounts, entry, "2026-11-18T07:00", state="unknown", sent_at=None)
    monkeypatch.setattr(module, "now", lambda: datetime(2031, 1, 1, tzinfo=UTC))
    assert everything() == before
    deliver(accounts, entry, "2026-11-30T22:59")
    assert everything() != before


def test_the_file_adds_up_to_its_totals_and_runs_no_formula(accounts: Settings) -> None:
    for made in statements(accounts, NOVEMBER):
        rows = list(csv.DictReader(io.StringIO(as_csv(made).decode("utf-8-sig"))))
        for currency, total in made.totals.items():
            amounts = [Decimal(row["amount"]) for row in rows if row["currency"] == currency]
            assert sum(amounts[:-1]) == amounts[-1] == total
        assert not re.search(r'(^|,)"?[=+@]', as_csv(made).decode("utf-8-sig"), re.MULTILINE)


def test_paper_says_what_the_file_says(accounts: Settings, tmp_path: Path) -> None:
    words = on_paper(statement_of(accounts, "acme", NOVEMBER))
    for told in (
        *("ACME Ltd.", "acme-2026-11", "EUR -43.33", "13 of 30 days", "EUR 0.125", "16 issues"),
        "EUR 316.86",
    ):
        assert told.replace(" ", "") in words
    assert "Sofar" not in words
    chinese = on_paper(statement_of(accounts, "apex", NOVEMBER))
    assert "应付款项" in chinese
    assert "EUR216.58" in chinese


def test_a_month_that_is_not_over_is_told_to_be_so(
    accounts: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "now", lambda: datetime(2026, 11, 30, 22, 59, tzinfo=UTC))  # 23:59 in Berlin
    made = statement_of(accounts, "acme", NOVEMBER)
    assert not made.is_final
    assert "Thismonthisnotover" in on_paper(made)


def test_accounts_without_a_plan_in_the_month_get_none_unless_they_are_asked_for(accounts: Settings) -> None:
    assert [each.name for each in statements(accounts, NOVEMBER)] == ["acme", "apex", "two"]
    [early] = statements(accounts, NOVEMBER, "early")
    assert (early.lines, early.totals) == ((), {})
    assert "Nothingisowed" in on_paper(early)
    assert as_csv(early).decode("utf-8-sig").count("\n") == 1


def test_unknown_accounts_and_none_at_all_are_told(accounts: Settings, home: Settings) -> None:
    with pytest.raises(UsageError, match="Did you mean acme"):
        statements(accounts, NOVEMBER, "akme")
    with pytest.raises(AssistantError, match=r"no accounts.*\[accounts\.NAME\]"):
        statements(home, NOVEMBER)


@given(st.text(max_size=10) | st.from_regex(r"\d{1,5}-\d{1,3}", fullmatch=True))
def test_a_month_is_a_month_or_an_error_in_words(period: str) -> None:
    try:
        found = month_named(period)
    except UsageError:
        found = None
    is_month = re.fullmatch(r"\s*([1-9]\d{3})-(0[1-9]|1[0-2])\s*", period, re.ASCII)
    assert (found is not None) == (is_month is not None and 1970 <= int(is_month[1]) < 9000)
    assert found is None or f"{found:%Y-%m}" == period.strip()

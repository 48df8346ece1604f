"""The list of addresses that nothing is sent to."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions.returns import suppressions
from pipelines.settings import Settings
from pipelines.store import Audit, Store


def test_an_address_on_the_list_is_known_in_any_case_of_its_letters(home: Settings) -> None:
    assert suppressions.reason(home, "ann@example.org") == ""
    assert suppressions.suppress(home, "Ann@Example.org", "bounce", "550 5.1.1 no such user", 7)
    told = suppressions.reason(home, " ANN@example.ORG ")
    assert told == "The mailbox refused our mails for good. 550 5.1.1 no such user"
    assert suppressions.reason(home, "anna@example.org") == ""


def test_what_stands_on_the_list_first_stays(home: Settings) -> None:
    assert suppressions.suppress(home, "ann@example.org", "complaint")
    assert not suppressions.suppress(home, "ANN@example.org", "bounce", "later")
    assert [(each.email, each.reason) for each in suppressions.listing(home)] == [
        ("ann@example.org", "complaint")
    ]


def test_ten_who_suppress_at_once_make_one_entry(home: Settings) -> None:
    with ThreadPoolExecutor(10) as several:
        added = list(
            several.map(lambda _n: suppressions.suppress(home, "ann@example.org", "bounce"), range(10))
        )
    assert sum(added) == 1
    assert len(suppressions.listing(home)) == 1


def test_a_person_adds_and_lifts_and_both_are_noted(home: Settings) -> None:
    assert suppressions.add(home, "Ann@example.org", "ida", "left the company")
    assert not suppressions.add(home, "ann@example.org", "ida")
    suppressions.lift(home, "ann@EXAMPLE.org", "otto")
    assert suppressions.reason(home, "ann@example.org") == ""
    with Store(home).session() as session:
        noted = [(each.who, each.action, each.detail) for each in session.scalars(select(Audit))]
    assert noted == [
        ("ida", "suppression.add", "ann@example.org"),
        ("otto", "suppression.lift", "ann@example.org"),
    ]


def test_what_is_wrong_is_told(home: Settings) -> None:
    with pytest.raises(AssistantError, match="not suppressed"):
        suppressions.lift(home, "ann@example.org", "otto")
    with pytest.raises(UsageError, match="not an e-mail address"):
        suppressions.add(home, "ann@example.org\nBcc: all@example.org", "otto")
    with pytest.raises(UsageError, match="no reason"):
        suppressions.suppress(home, "ann@example.org", "bounced")

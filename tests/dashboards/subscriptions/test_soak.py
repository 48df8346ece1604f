"""The soak of `benchmarks/soak.py` at a small size: real processes, real kills, a server on a bad day."""

import pytest

from benchmarks import soak
from pipelines.settings import Settings


@pytest.mark.slow
def test_competing_senders_that_are_killed_send_each_mail_once_or_tell(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOST", "PORT", "TLS", "TIMEOUT"):
        monkeypatch.setenv(f"SDA_SMTP_{name}", "")  # the soak sets them; they are put back afterwards
        monkeypatch.delenv(f"SDA_SMTP_{name}")
    settings = lake.model_copy(update={"reports": soak.REPORTS, "delivery_lease": 1, "threads": 1})
    found = soak.soaked(settings, subscribers=40, senders=3, kills=3, faults=0.02, seconds=600, seed=3)
    assert found["wrong"] == dict.fromkeys(found["wrong"], 0)
    assert found["expected"] == 40
    assert found["kills"] > 0
    assert found["sent"] > found["unknown"]

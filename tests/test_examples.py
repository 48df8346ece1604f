"""The worked examples run as written, on the real data, through the public command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif(
    Path(sys.prefix).resolve() != (ROOT / ".venv").resolve(),
    reason="the examples use the .venv of `make setup`",
)
@pytest.mark.parametrize("example", ["credit_cards", "clinic", "deliveries"])
def test_example_ends_with_a_report(example: str, shared_data: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "SDA_HOME": str(tmp_path / "home"), "SDA_SHARED_DATA": str(shared_data)}
    done = subprocess.run(
        ["bash", str(ROOT / "examples" / example / "run.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (report,) = (tmp_path / "home" / "reports").glob("*.html")
    assert report.stat().st_size > 20_000

"""The key of a home: made once whoever comes first, secret, and never a weak one."""

import multiprocessing
from pathlib import Path

import pytest

from connectors.errors import AssistantError, UsageError
from pipelines import signing
from pipelines.settings import Settings, load_settings
from pipelines.signing import SHORTEST_KEY, fingerprint, key_file, key_for, signing_key


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    signing._own_key.cache_clear()


def _key_in_another_process(home: Path) -> bytes:
    return signing_key(Settings(home=home))


def test_processes_that_start_at_once_share_one_key(home: Settings) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        keys = set(pool.map(_key_in_another_process, [home.home] * 6))
    assert keys == {signing_key(home)}
    assert len(keys.pop()) == 32
    assert key_file(home).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.home.glob(".signing*")] == []


def test_two_homes_have_two_keys(home: Settings, tmp_path: Path) -> None:
    other = home.model_copy(update={"home": tmp_path / "other"})
    assert signing_key(home) != signing_key(other)
    assert fingerprint(home) != fingerprint(other)


def test_a_key_that_a_person_set_counts_and_no_file_is_made(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_SIGNING_KEY", "k" * SHORTEST_KEY)
    assert signing_key(load_settings()) == b"k" * SHORTEST_KEY
    assert not key_file(home).exists()


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDA_SIGNING_KEY", "k" * (SHORTEST_KEY - 1))
    with pytest.raises(UsageError, match="guessed"):
        signing_key(load_settings())


@pytest.mark.parametrize("content", ["", "abcd\n", "no hexadecimal\n", "\x00\xff"])
def test_a_damaged_key_is_told_and_never_replaced(home: Settings, content: str) -> None:
    home.home.mkdir(parents=True)
    key_file(home).write_text(content, encoding="latin-1")
    with pytest.raises(AssistantError, match=r"signing\.key"):
        signing_key(home)
    assert key_file(home).read_text(encoding="latin-1") == content


def test_what_is_signed_for_one_use_is_not_signed_for_another(home: Settings) -> None:
    assert len({key_for(home, use) for use in ("link:file", "link:archive", "whose")}) == 3

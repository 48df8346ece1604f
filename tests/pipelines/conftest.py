"""A small shop to load: one CSV source, declared in a settings file of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings, load_settings


class Shop:
    """Files on one side, a warehouse on the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "files").mkdir()

    def declare(self, **entries: object) -> Settings:
        """Declares the source `orders` over `files/*.csv` with further entries, and reads the settings."""
        lines = ['connector = "files"', 'domain = "shop"', 'table = "orders"']
        lines += [f"{name} = {_toml(value)}" for name, value in entries.items()]
        text = "[sources.orders]\n" + "\n".join(lines) + '\n[sources.orders.options]\npath = "files/*.csv"\n'
        (self.folder / "assistant.toml").write_text(text)
        return load_settings()

    def file(self, name: str, text: str) -> Path:
        path = self.folder / "files" / name
        path.write_text(text, encoding="utf-8")
        return path

    def contract(self, text: str) -> None:
        (self.folder / "contracts").mkdir(exist_ok=True)
        (self.folder / "contracts" / "shop.orders.toml").write_text(text)


def _toml(value: object) -> str:
    return str(value).replace("'", '"') if isinstance(value, list) else f'"{value}"'


@pytest.fixture
def shop(own_environment: None, tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def rows() -> Callable[[int, int], str]:
    """CSV lines `id,day,amount` for the ids of a range."""

    def make(first: int, last: int) -> str:
        return "".join(f"{i},2024-01-{i % 28 + 1:02d},{i * 1.5}\n" for i in range(first, last))

    return make

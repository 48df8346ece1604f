"""What does not fit into memory goes to disk, and there it is as unreadable as the lake."""

import random
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@pytest.mark.parametrize("encrypted", [False, True])
def test_rows_set_aside_on_disk_are_encrypted_where_the_lake_is(tmp_path: Path, encrypted: bool) -> None:
    settings = Settings(home=tmp_path / "var", threads=1, memory="30MB", encrypted=encrypted)
    # DuckDB packs what it sets aside, each block as chance and the speed of the disk would have it, and a
    # packed name may be read no more. What is noise but for the name cannot be packed.
    chance = random.Random(0)
    rows = pa.table({"name": [b"secret name" + chance.randbytes(989) for _ in range(36_000)]})
    with Warehouse(settings).aside() as connection:
        connection.register("given", rows)
        connection.execute("CREATE TABLE memory.main.wide AS SELECT name FROM given")
        aside = [path.read_bytes() for path in (settings.home / "tmp").iterdir()]
    assert sum(map(len, aside)) > 1_000_000
    assert any(b"secret name" in content for content in aside) is not encrypted

"""What does not fit into memory goes to disk, and there it is as unreadable as the lake."""

from pathlib import Path

import pytest

from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@pytest.mark.parametrize("encrypted", [False, True])
def test_rows_set_aside_on_disk_are_encrypted_where_the_lake_is(tmp_path: Path, encrypted: bool) -> None:
    settings = Settings(home=tmp_path / "var", threads=1, memory="30MB", encrypted=encrypted)
    with Warehouse(settings).aside() as connection:
        connection.execute(
            "CREATE TABLE memory.main.wide AS "
            "SELECT 'secret name ' || n AS name, repeat(md5(CAST(n AS VARCHAR)), 3) AS rest "
            "FROM range(300_000) AS _(n)"
        )
        aside = [path.read_bytes() for path in (settings.home / "tmp").iterdir()]
    assert sum(map(len, aside)) > 1_000_000
    assert any(b"secret name" in content for content in aside) is not encrypted

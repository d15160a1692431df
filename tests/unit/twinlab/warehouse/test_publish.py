"""Building and publishing: the published file is replaced atomically or not at all."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.lock import only_one
from twinlab.warehouse.publish import building, copy_published, open_published, publish

HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
{before}
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def layout(root, tmp_path):
    return Layout(root, tmp_path / "warehouse" / "twinlab.duckdb", root / "data" / "reference")


@pytest.fixture
def published(layout):
    write(layout.published, "old")
    return layout.published


@pytest.fixture
def hold():
    """Return a function that makes another process open a file until the test ends."""
    holders = []

    def start(path: Path, mode: str, before: str = "") -> subprocess.Popen:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD.format(before=before), str(path), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holders.append(holder)
        assert holder.stdout.readline() == "open\n"
        return holder

    yield start
    for holder in holders:
        holder.stdin.close()
        holder.wait(10)


def write(path, name):
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create or replace table made as select ? as name", [name])


def read(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql("from made").fetchone()[0]


def test_the_first_build_is_published(layout):
    with building(layout, "make run") as side:
        write(side, "new")
        assert not layout.published.exists()
        publish(layout)
    assert read(layout.published) == "new"
    assert not side.exists()


def test_a_failed_build_leaves_the_published_bytes(layout, published):
    before = published.read_bytes()
    with pytest.raises(RuntimeError, match="broke"), building(layout, "make run") as side:
        write(side, "half")
        raise RuntimeError("broke")
    assert published.read_bytes() == before
    assert not side.exists()


def test_a_failed_swap_leaves_the_published_bytes(layout, published, monkeypatch):
    before = published.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("twinlab.warehouse.publish.os.replace", full)
    with pytest.raises(OSError, match="No space"), building(layout, "make run") as side:
        write(side, "new")
        publish(layout)
    assert published.read_bytes() == before


def test_leftovers_of_a_killed_build_are_removed(layout, published):
    layout.build.mkdir()
    layout.side.write_bytes(b"half a file")
    layout.side.with_name("twinlab.duckdb.wal").write_bytes(b"half a log")
    with building(layout, "make run") as side:
        assert [path.name for path in layout.build.iterdir()] == ["twinlab.duckdb.lock"]
        write(side, "new")
        publish(layout)
    assert read(published) == "new"


def test_the_log_of_the_old_file_is_not_replayed_into_the_new_one(layout, published):
    published.with_name("twinlab.duckdb.wal").write_bytes(b"of a writer that crashed")
    with building(layout, "make run") as side:
        write(side, "new")
        publish(layout)
    assert read(published) == "new"
    assert not published.with_name("twinlab.duckdb.wal").exists()


def test_a_build_that_did_not_close_is_published_completely(layout):
    with building(layout, "make run") as side:
        # A process that exits without closing: its writes are only in the log.
        script = (
            "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(\"set wal_autocheckpoint='1TB'\");"
            "c.execute(\"create table made as select 'new' as name\"); os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", script, str(side)], check=True)
        assert side.with_name("twinlab.duckdb.wal").exists()
        publish(layout)
    assert read(layout.published) == "new"


def test_a_writer_blocks_the_build_and_is_named(layout, published, hold):
    holder = hold(published, "write")
    before = published.read_bytes()
    with pytest.raises(UserError) as caught, building(layout, "make run"):
        pytest.fail("the build must not begin")
    message = caught.value.render()
    assert "is open for writing in another process" in message
    assert f"PID {holder.pid}" in message
    assert "then run the same command again" in message
    assert published.read_bytes() == before


def test_a_writer_that_appears_during_the_build_blocks_publishing(layout, published, hold):
    before = published.read_bytes()
    with pytest.raises(UserError, match="open for writing"), building(layout, "make run") as side:
        write(side, "new")
        hold(published, "write")
        publish(layout)
    assert published.read_bytes() == before


def test_a_reader_does_not_block_publishing_and_keeps_the_old_file(layout, published):
    with duckdb.connect(str(published), read_only=True) as reader, building(layout, "make run") as side:
        subprocess.run(
            [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1]).execute("
             "\"create table made as select 'new' as name\")", str(side)],
            check=True,
        )  # fmt: skip
        publish(layout)
        assert reader.sql("from made").fetchone() == ("old",)
    assert read(published) == "new"


def test_a_reader_in_another_process_does_not_block_publishing(layout, published, hold):
    hold(published, "read")
    with building(layout, "make run") as side:
        write(side, "new")
        publish(layout)
    assert read(published) == "new"


def test_a_second_build_is_rejected_and_the_first_one_named(layout, published):
    with building(layout, "make simulate"), pytest.raises(UserError) as caught, building(layout, "make run"):
        pytest.fail("the second build must not begin")
    assert "another build is running here: make simulate, PID" in caught.value.render()
    with building(layout, "make run"):
        pass


def test_the_lock_of_a_dead_process_is_released(tmp_path):
    lock = tmp_path / "x.lock"
    script = (
        "import os, sys; from pathlib import Path; from twinlab.tools.lock import only_one\n"
        "with only_one(Path(sys.argv[1]), 'make run'): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(lock)], cwd=Path(__file__).parents[4], check=False)
    assert '"pid"' in lock.read_text()
    with only_one(lock, "make run"):
        pass


def test_the_published_warehouse_is_copied(layout, published):
    with building(layout, "make simulate") as side:
        copy_published(layout)
        assert read(side) == "old"


def test_a_missing_warehouse_is_reported(layout):
    with pytest.raises(UserError, match="there is no warehouse"):
        open_published(layout.published)


def test_a_file_that_is_not_a_warehouse_is_reported_and_can_be_replaced(layout):
    layout.published.parent.mkdir()
    layout.published.write_text("no database")
    with pytest.raises(UserError, match="cannot be opened"):
        open_published(layout.published)
    with building(layout, "make run") as side:
        write(side, "new")
        publish(layout)
    assert read(layout.published) == "new"


def test_a_folder_as_warehouse_is_rejected(layout):
    layout.published.mkdir(parents=True)
    with pytest.raises(UserError, match="is a folder"), building(layout, "make run"):
        pytest.fail("the build must not begin")

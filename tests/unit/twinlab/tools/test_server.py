"""The server of the reports: this machine only, parts of files, no file left open, clear words on a bad port."""

import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.server import PORT, checked_port, serve, served

REPORTS = Layout.here({}).reports
OPEN_FILES = 64
LARGE = 8 * 2**20


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "about").mkdir()
    (folder / "index.html").write_text("home")
    (folder / "about" / "index.html").write_text("about")
    (folder / "404.html").write_text("no such page")
    (folder / "data.parquet").write_bytes(bytes(range(256)))
    (folder / "large.parquet").write_bytes(bytes(LARGE))
    return folder


@pytest.fixture(scope="module")
def origin(site):
    with served(REPORTS, site) as address:
        yield address


def get(address, **headers):
    """Status, headers and body, whatever the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_pages_have_addresses_without_index_html(origin):
    assert get(f"{origin}/")[2] == b"home"
    assert get(f"{origin}/about/")[2] == b"about"
    assert get(f"{origin}/about")[2] == b"about"


def test_an_unknown_address_gets_the_sites_own_page(origin):
    assert get(f"{origin}/nothing/here")[::2] == (404, b"no such page")
    assert get(f"{origin}/../../etc/passwd")[0] == 404


def test_a_part_of_a_file(origin):
    status, headers, body = get(f"{origin}/data.parquet", Range="bytes=10-19")
    assert status == 206
    assert headers["Content-Range"] == "bytes 10-19/256"
    assert body == bytes(range(10, 20))


def test_files_of_unfinished_requests_are_closed(site, tmp_path, monkeypatch):
    """Three times as many requests as files may be open: answered "not modified", and dropped half-way."""
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\nulimit -n {OPEN_FILES}\nexec "{shutil.which("node")}" "$@"\n')
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with served(REPORTS, site) as address:
        tag = get(f"{address}/data.parquet")[1]["ETag"]
        for _ in range(3 * OPEN_FILES):
            assert get(f"{address}/data.parquet", If_None_Match=tag)[0] == 304
        for _ in range(3 * OPEN_FILES):
            drop(address, "/large.parquet")
        assert get(f"{address}/")[0] == 200


def drop(address, path):
    """Ask for a file and hang up after its first bytes."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        assert connection.recv(16).startswith(b"HTTP/1.1 200")


def test_only_the_named_address_is_answered(origin):
    """A server on all addresses would answer on another one of the same machine too."""
    assert urlsplit(origin).hostname == "127.0.0.1"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", urlsplit(origin).port), timeout=5)


def layout_of(tmp_path):
    (tmp_path / "reports" / "build").mkdir(parents=True)
    (tmp_path / "reports" / "build" / "index.html").write_text("home")
    return Layout(tmp_path, tmp_path / "twinlab.duckdb", tmp_path / "reference")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80.5", "http", "٣"])
def test_a_wrong_port_is_reported(port):
    with pytest.raises(UserError, match=r"is not a port.*\n?.*1 to 65535"):
        checked_port(port)


@pytest.mark.parametrize(("typed", "port"), [(None, PORT), (" ", PORT), ("1", 1), (" 65535", 65535)])
def test_a_port_is_a_number(typed, port):
    assert checked_port(typed) == port


def test_a_taken_port_is_reported(origin, site):
    port = str(urlsplit(origin).port)
    done = subprocess.run(
        ["node", str(REPORTS / "scripts" / "serve.mjs"), str(site), port], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
    assert "make serve PORT=" in done.stderr
    assert "    at " not in done.stderr


def test_missing_node_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep)
    with pytest.raises(UserError, match=r"Node\.js is missing"):
        serve(layout_of(tmp_path), 8080)

"""Where the dashboard listens, and who may read it; how both commands answer wrong calls."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from c360.dashboard import serving
from c360.errors import ConfigError
from tests.input.commands import answer


@pytest.mark.parametrize(("address", "loopback"), [("127.0.0.1", 1), ("localhost", 1), ("::1", 1), ("127.9.9.9", 1)])
def test_this_machine_alone_can_connect_to_loopback(address, loopback, monkeypatch):
    monkeypatch.delenv(serving.TOKEN, raising=False)
    assert serving.is_loopback(address) == bool(loopback)
    assert serving.token_for(address) == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "example.com", "127.0.0.1.example.com"])
@pytest.mark.parametrize("token", [None, "short"])
def test_any_other_address_demands_a_token_that_is_not_easily_guessed(address, token, monkeypatch):
    monkeypatch.setenv(serving.TOKEN, token) if token else monkeypatch.delenv(serving.TOKEN, raising=False)
    with pytest.raises(ConfigError, match=r"C360_DASHBOARD_TOKEN must hold a token of 16 characters or more"):
        serving.token_for(address)
    monkeypatch.setenv(serving.TOKEN, "sixteen-letters-")
    assert serving.token_for(address) == "sixteen-letters-"


def test_a_port_that_is_taken_is_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port} .*name another --port"):
            serving.demand_free("127.0.0.1", port)


def test_streamlit_neither_reports_nor_opens_nor_traces_anything():
    found = serving.options("127.0.0.1", 8501)
    assert found["browser_gatherUsageStats"] is False
    assert found["server_headless"] is True
    assert found["client_showErrorDetails"] == "none"
    assert found["client_disableDataExport"] is True


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["dashboard", "--address", "0.0.0.0"], 2, "C360_DASHBOARD_TOKEN"),
        (["dashboard", "--port", "0"], 2, "--port"),
        (["report", "out.txt"], 2, "does not end in .html"),
        (["report", "nowhere/out.html"], 2, "there is no folder"),
        (["report", "out.html"], 1, "was not made yet; `c360 run` makes it"),
    ],
)
def test_wrong_calls_are_answered_with_a_sentence(argv, code, said, tmp_path: Path):
    answered = answer(str(tmp_path), [*argv, "--lake", "lake"], {serving.TOKEN: ""})
    assert answered.code == code
    assert said in answered.err
    assert "Traceback" not in answered.err
    assert not list(tmp_path.glob("*.html"))

"""`c360 dashboard`: Streamlit, started such that it listens where it shall and asks nobody on the network anything."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c360.dashboard.charts import ACCENT
from c360.errors import ConfigError

if TYPE_CHECKING:
    from c360.dashboard.tables import Tables

TOKEN = "C360_DASHBOARD_TOKEN"
"""Environment variable with what a reader has to know where not only this machine can connect."""

_SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Served:
    """What the pages show.

    Attributes:
        tables: of the lake.
        conf: folder of the configuration, for audiences.
        token: what a reader has to know; empty: nothing.
        show_pii: whether it is said who somebody is.
    """

    tables: Tables
    conf: str
    token: str = ""
    show_pii: bool = False


_served: Served | None = None


def served() -> Served:
    """What this process serves."""
    assert _served is not None, "pages are drawn by `serve` alone"
    return _served


def token_for(address: str) -> str:
    """The token that readers of this address have to know; none on loopback, unless one is set.

    Raises:
        ConfigError: others can connect there, and no token is set, or one that is easily guessed.
    """
    token = os.environ.get(TOKEN, "")
    if not is_loopback(address) and len(token) < _SHORTEST_TOKEN:
        found = f"one of {len(token)} characters" if token else "none"
        raise ConfigError(
            f"--address {address} lets others connect, for which {TOKEN} must hold a token of {_SHORTEST_TOKEN} "
            f"characters or more, and there is {found}; set it, or leave --address out"
        )
    return token


def is_loopback(address: str) -> bool:
    """Whether only this machine can connect there."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def demand_free(address: str, port: int) -> None:
    """Demand that nobody listens there yet.

    Raises:
        ConfigError: somebody does, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as problem:
            raise ConfigError(
                f"cannot listen on {address}:{port} ({problem.strerror or problem}); name another --port or --address"
            ) from None


def options(address: str, port: int) -> dict[str, Any]:
    """Streamlit's settings."""
    return {
        "server_address": address,
        "server_port": port,
        "server_headless": True,  # opens no browser, asks for no e-mail address
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "browser_gatherUsageStats": False,
        "browser_serverAddress": address,
        "client_toolbarMode": "viewer",
        "client_showErrorDetails": "none",
        "client_showErrorLinks": False,
        "client_disableDataExport": True,  # what leaves goes through c360.audiences, which knows consent
        "client_allowedOrigins": [],
        "logger_hideWelcomeMessage": True,
        "theme_light_primaryColor": ACCENT,
        "theme_dark_primaryColor": "#6fb0e6",
    }


def serve(what: Served, address: str, port: int) -> None:
    """Serve the pages until the process is told to end."""
    from streamlit.web import bootstrap

    global _served
    _served = what
    settings = options(address, port)
    bootstrap.load_config_options(settings)
    bootstrap.run(str(Path(__file__).parent / "entry" / "script.py"), False, [], settings)

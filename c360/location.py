"""Where the lake and its tables lie, and where an engine finds them."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from c360.errors import C360Error, ConfigError
from c360.store import Store, is_remote

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_UNWRITABLE = re.compile(r"[\[\]|^\\\x00-\x1f]|%[0-9A-Fa-f]{2}")
"""What delta-rs takes for something else in a path, or ends the process at."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_./:&()'+,=@~-]")
"""What Sail takes for something else; a path gets a link in its stead, an object store's address cannot."""


def checked_root(root: str | Path) -> str:
    """The lake's folder as an absolute path, or as the URI it is.

    Raises:
        ConfigError: no Delta table can be written there.
    """
    path = str(root).rstrip("/") if is_remote(root) else str(Path(root).absolute())
    if found := (_NOT_PLAIN if is_remote(root) else _UNWRITABLE).search(path):
        raise ConfigError(
            f"no lake can lie in {path}, because of the {found[0]!r} in it; name another folder with --lake"
        )
    return path


def engine_root(root: str, spark: SparkSession) -> str:
    """A path of the lake's folder that the session's engine takes as it is.

    Sail 0.7 puts what it writes below `My data` into a new folder `My%20data` beside it, and reads `{` as a pattern; so
    it gets a link to such a folder instead, which lasts as long as the process.
    """
    is_connect = ".connect." in type(spark).__module__
    if is_remote(root):
        return root if is_connect else _for_hadoop(root)
    return _linked(root) if is_connect and _NOT_PLAIN.search(root) else root


def _for_hadoop(uri: str) -> str:
    """An object store's address as Spark's file systems are called."""
    scheme, _, rest = uri.partition("://")
    if scheme in ("az", "azure"):
        container, _, path = rest.partition("/")
        return f"abfss://{container}@{os.environ.get('AZURE_STORAGE_ACCOUNT_NAME', '')}.dfs.core.windows.net/{path}"
    return f"s3a://{rest}" if scheme == "s3" else uri


@cache
def _linked(root: str) -> str:
    Path(root).mkdir(parents=True, exist_ok=True)
    link = Path(tempfile.mkdtemp(prefix="c360-"), "lake")
    link.symlink_to(root)
    atexit.register(shutil.rmtree, link.parent, ignore_errors=True)
    return str(link)


def folder(name: str) -> str:
    """The folder of a table below the lake: `silver_retail.customers` → `silver/retail/customers`."""
    database, _, table = name.partition(".")
    if not table:
        raise C360Error(f"no such table: {name}; a name has two parts, such as silver_retail.customers or gold.rfm")
    return "/".join((*database.split("_", 1), table))


def latest_version(root: str, name: str) -> int | None:
    """The version of a table, by the names of its commits; None if it does not exist.

    A look at the names is all it takes, and a run asks for every table's.
    """
    if is_remote(root):
        listed = [file.name.rpartition("/")[2] for file in Store(root).files(f"{folder(name)}/_delta_log")]
    else:
        try:
            with os.scandir(f"{root}/{folder(name)}/_delta_log") as entries:
                listed = [entry.name for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return None
    commits = [file[:-5] for file in listed if file.endswith(".json") and file[:-5].isdigit()]
    return int(max(commits)) if commits else None


def tables_below(root: str) -> list[str]:
    """The names of all tables of a lake, sorted."""
    if is_remote(root):
        listed = (Path(file.name).parts for file in Store(root).files())
        folders = {parts[:-2] for parts in listed if "_delta_log" in parts[-2:-1]}
    else:
        folders = {log.parent.relative_to(root).parts for log in Path(root).glob("**/_delta_log")}
    return sorted(f"{'_'.join(database)}.{table}" for *database, table in folders if database)

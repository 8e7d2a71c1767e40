"""The lake's tables and views under their own names in a session's catalog: for SQL and notebooks."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from c360.config.load import Config
from c360.lake import Lake
from c360.unify import views
from c360.unify.entities import ENTITIES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_registered: weakref.WeakKeyDictionary[SparkSession, dict[str, str]] = weakref.WeakKeyDictionary()
"""Of each session: the tables it was given here, and where they lie."""


def register(lake: Lake, config: Config) -> list[str]:
    """Make every table (`gold.rfm`) and unified view (`unified.orders`) known to the session; their names.

    A table's entry points at its folder and follows later writes. Of two lakes registered in one session the names are
    the last one's.
    """
    tables = lake.names()
    known = _registered.setdefault(lake.spark, {})
    wanted = {name.split(".")[0] for name in tables} | {"unified"}
    for database in sorted(wanted):
        lake.spark.sql(f"CREATE DATABASE IF NOT EXISTS {database}").collect()
    for name, path in list(known.items()):
        if path != lake.path(name) or name not in tables:
            lake.spark.sql(f"DROP TABLE IF EXISTS {name}").collect()  # the entry only: the folder is not the catalog's
            del known[name]
    for name in tables:
        if name not in known:
            location = views.text(lake.location(name))
            lake.spark.sql(f"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION {location}").collect()
            known[name] = lake.path(name)
    registered = list(tables)
    if views.RECORDS in tables:
        for entity in ENTITIES:
            text = views.sql(config.sources, config.settings, entity, lambda n: n if n in tables else None)
            lake.spark.sql(f"CREATE OR REPLACE VIEW unified.{entity} AS {text}").collect()
            registered.append(f"unified.{entity}")
    return registered

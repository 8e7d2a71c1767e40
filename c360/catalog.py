"""The lake's tables and views under their own names in a session's catalog: for SQL and notebooks."""

from __future__ import annotations

from c360.config.load import Config
from c360.lake import Lake
from c360.unify import views
from c360.unify.entities import ENTITIES


def register(lake: Lake, config: Config) -> list[str]:
    """Make every table (`gold.rfm`) and unified view (`unified.orders`) known to the session; their names.

    A table's entry points at its folder and follows later writes.
    """
    tables = lake.names()
    wanted = {name.split(".")[0] for name in tables} | {"unified"}
    for database in sorted(wanted):
        lake.spark.sql(f"CREATE DATABASE IF NOT EXISTS {database}").collect()
    for name in tables:
        lake.spark.sql(f"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION '{lake.path(name)}'").collect()
    registered = list(tables)
    if views.RECORDS in tables:
        for entity in ENTITIES:
            text = views.sql(config.sources, config.settings, entity, lambda n: n if n in tables else None)
            lake.spark.sql(f"CREATE OR REPLACE VIEW unified.{entity} AS {text}").collect()
            registered.append(f"unified.{entity}")
    return registered

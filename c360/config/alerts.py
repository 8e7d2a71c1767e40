"""Who is told what happened: the `alerts` of conf/c360.yml."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from c360.config.base import Model, listed


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("is no web address; write https://…, or ${env:NAME} with one in it")
    return value


Address = Annotated[str, AfterValidator(_web_address)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])]


class Alerts(Model):
    """Web addresses that get one JSON POST each: what happened, in `text` and in detail."""

    on_failure: Addresses = Field((), description="a table failed")
    on_reject: Addresses = Field((), description="rows went to quarantine")
    on_stale: Addresses = Field((), description="nothing came for a table for longer than its stale_after_hours")
    timeout_seconds: float = Field(5.0, gt=0, le=60, description="how long one is waited for")

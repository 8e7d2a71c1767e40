"""What every model of conf/ is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NAME = r"^[a-z][a-z0-9_]*$"

Name = Annotated[str, Field(pattern=NAME)]


def listed(value: Any) -> Any:
    """A single item may be written without its brackets."""
    return value if isinstance(value, list | tuple) or value is None else [value]


# json_schema_input_type: what may be written, so that an editor does not mark the short form
Names = Annotated[tuple[Name, ...], BeforeValidator(listed, json_schema_input_type=Name | tuple[Name, ...])]
Texts = Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])]


class Model(BaseModel):
    """Frozen, and a key it does not know is an error rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

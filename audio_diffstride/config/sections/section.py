"""How a section of a config declares its fields."""

from __future__ import annotations

from typing import Any

import pydantic


def setting(
    default: object, description: str, *, unit: str = "", allowed: str = ""
) -> Any:
    """Declares a field.

    Args:
        default: its value in the paper's recipe.
        description: what it is, in whole sentences.
        unit: of a physical number.
        allowed: what the value may be, in words that follow "must be". Empty
            where the type says it.
    """
    extra: dict[str, Any] = {"unit": unit, "allowed": allowed}
    return pydantic.Field(
        default, description=description, json_schema_extra=extra
    )


class Section(pydantic.BaseModel):
    """Fields that pydantic checks strictly."""

    model_config = pydantic.ConfigDict(strict=True, allow_inf_nan=False)

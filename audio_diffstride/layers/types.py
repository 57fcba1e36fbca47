"""Names for the type hints of layers and models."""

from __future__ import annotations

from typing import Any, TypeAlias

# A tensor of whichever Keras backend is in use. No type covers all of them.
Tensor: TypeAlias = Any

# A shape with the batch first. None is a size that is not known.
Shape: TypeAlias = tuple[int | None, ...]

# N, the samples of an axis: an integer, or a scalar integer tensor.
Size: TypeAlias = Any

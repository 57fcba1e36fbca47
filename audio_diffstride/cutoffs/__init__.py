"""Strides as cut-off frequencies, in Hz and cycles per mel band."""

from audio_diffstride.cutoffs.frequencies import (
    AXES,
    UNITS,
    convert,
    cutoff,
    quantised_cutoff,
)
from audio_diffstride.cutoffs.model_report import foldings, report, strides
from audio_diffstride.cutoffs.tables import (
    format_table,
    summarise,
    table_cells,
    write,
)

__all__ = [
    "AXES",
    "UNITS",
    "convert",
    "cutoff",
    "foldings",
    "format_table",
    "quantised_cutoff",
    "report",
    "strides",
    "summarise",
    "table_cells",
    "write",
]

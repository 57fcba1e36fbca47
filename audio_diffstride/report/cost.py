"""What a network costs, in multiply-adds per window."""

from __future__ import annotations

from typing import Any

from audio_diffstride.models import multiply_adds
from audio_diffstride.report.run import Run


def describe(run: Run) -> dict[str, Any]:
    """The cost of every block, beside that of strided convolutions.

    Returns:
        "rows": of the table; "total" and "strided_total": multiply-adds per
        window.
    """
    size = (run.frames, run.config.front_end.num_bands)
    encoder = run.model.encoder
    own = encoder.multiply_adds(size)
    strided = multiply_adds.strided_baseline(encoder).multiply_adds(size)
    heads = multiply_adds.head_macs(run.model)
    total = heads + sum(row["total"] for row in own)
    strided_total = heads + sum(row["total"] for row in strided)
    rows = [
        (
            row["block"],
            "{} × {}".format(*row["output_size"]),
            millions(row["convolution"]),
            millions(row["resampling"]),
            millions(row["total"]),
            "{} × {}".format(*baseline["output_size"]),
            millions(baseline["total"]),
            f"{row['total'] / baseline['total']:.1f}",
        )
        for row, baseline in zip(own, strided)
    ]
    in_heads = millions(heads)
    rows.append(("heads", "", "", "", in_heads, "", in_heads, "1.0"))
    rows.append(
        (
            "in all",
            "",
            millions(sum(row["convolution"] for row in own)),
            millions(sum(row["resampling"] for row in own)),
            millions(total),
            "",
            millions(strided_total),
            f"{total / strided_total:.1f}",
        )
    )
    return {"rows": rows, "total": total, "strided_total": strided_total}


def millions(count: int) -> str:
    """A count in millions, with about three digits.

    >>> millions(123_456_789), millions(1_234_567), millions(1_920)
    ('123', '1.23', '0.002')
    """
    if not count:
        return "0"
    value = count / 1e6
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits if value >= 0.1 else 3}f}"

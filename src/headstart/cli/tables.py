"""Records as rows of a table: a ranking for people, predictions for a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..runtime import write_atomically
from . import output


def ranking(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a person reads of a ranking: places, the combined score, each score with its rank, costs."""
    return [
        {
            "place": f"{row['place']}{'=' if row['tied'] else ''}",
            "base": row["base"],
            "score": f"{row['score']:+.2f} ± {row['deviation']:.2f}",
            **{name: f"{value:.3f} ({row['ranks'][name]:g})" for name, value in row["scores"].items()},
            "prior": f"{row['prior']:+.2f}" if row["prior_sets"] else "unknown",
            "by size": f"{row['by_size']:g}",
            "by list": f"{row['by_list']:g}",
            "parameters": f"{row['parameters'] / 1e6:.1f}M",
            "latency": f"{row['latency_ms']:.1f} ms",
            **({"memory": f"{row['memory_mb']:.0f} MB"} if row["memory_mb"] else {}),
            "licence": row["licence"],
            "seconds": f"{row['seconds']:.1f}",
        }
        for row in rows
    ]


def write_csv(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """One row per record, `probabilities` as one column per label; whole or not at all.

    Raises:
        RunError: the file cannot be written.
    """
    rows = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    inner = {f"probability of {label}": value for label, value in record.get("probabilities", {}).items()}
    return {**{name: value for name, value in record.items() if name != "probabilities"}, **inner}


def show_run(record: dict[str, Any]) -> None:
    """The arms as a table and the verdict as a sentence."""
    output.table(
        [
            {
                "arm": arm["name"],
                record["metric"]["name"]: f"{arm['value']:.3f}",
                "95 % interval": "{:.3f} to {:.3f}".format(*arm["interval"]),
                "seconds": f"{arm['seconds']:.1f}",
            }
            for arm in record["arms"]
        ]
    )
    low, high = record["metric"]["interval"]
    print(f"\n{record['verdict']['sentence']}")
    name, value = record["metric"]["name"], record["metric"]["value"]
    print(
        f"shipped: {record['chosen']['arm']}, {name} {value:.3f} ({low:.3f} to {high:.3f}) on the test split"
    )
    for text in record["notes"]:
        print(f"note: {text}")

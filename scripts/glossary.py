"""Write the parts' own words into docs/glossary.md, below the words that are written by hand.

python scripts/glossary.py
"""

from __future__ import annotations

from pathlib import Path

from headstart import registry

PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"
BELOW = "do not edit below -->\n"
SHOWN = {
    "tasks": "Tasks",
    "adaptation": "Strategies",
    "tasks.baselines": "Baselines",
    "ranking": "Scores that rank bases",
    "heads": "Heads on feature maps",
    "pretraining": "Methods of pre-training",
    "adaptation.domains": "Ways across domains",
    "samples": "Samples",
}
"""Headings by folder of plug-ins."""


def made() -> str:
    """The lists of parts, as Markdown."""
    return "\n".join(_listed(folder, heading) for folder, heading in SHOWN.items())


def _listed(folder: str, heading: str) -> str:
    rows = [f"* `{name}`: {registry.summary(registry.get(folder, name))}" for name in registry.names(folder)]
    return "\n".join([f"\n## {heading}\n", *rows, ""])


if __name__ == "__main__":
    before, mark, _ = PAGE.read_text("utf-8").partition(BELOW)
    PAGE.write_text(before + mark + made(), "utf-8")

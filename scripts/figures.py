"""The shape of the code in numbers: sizes, `Any` in public signatures, imports of private files across rooms.

    python scripts/figures.py [ROOT]

ROOT is a checkout, this one where none is named: run it on two to compare them. A room is a folder of the
package; a private file is one whose name begins with an underscore.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import layers  # noqa: E402  the rules that the tests hold

Function = ast.FunctionDef | ast.AsyncFunctionDef
PACKAGE = "headstart"


def main() -> None:
    """Print a table."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])
    source = root / "src" / PACKAGE
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(source.rglob("*.py"))}
    sizes = [len(path.read_text("utf-8").splitlines()) for path in trees]
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, Function)]
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for node in functions]
    public = [node for tree in trees.values() for node in in_public(tree)]
    anything = [node for node in public if names_any(node)]
    foreign = {violation.rpartition(": imports")[0] for violation in layers.private_imports(source)}
    tests = sum(
        len(re.findall(r"^def test_", path.read_text("utf-8"), re.M))
        for path in (root / "tests").rglob("*.py")
    )
    rows = {
        "source files": len(trees),
        "source lines": sum(sizes),
        "lines of a file: median, 95 %, most": spread(sizes),
        "lines of a function: median, 95 %, most": spread(lengths),
        "public signatures with Any": f"{len(anything)} of {len(public)} ({len(anything) / len(public):.1%})",
        "imports of another room's private file": len(foreign),
        "test functions": tests,
    }
    for name, value in rows.items():
        print(f"{name:42} {value}")


def spread(values: list[int]) -> str:
    """Median, 95th percentile and largest."""
    return f"{statistics.median(values):.0f}, {statistics.quantiles(values, n=20)[-1]:.0f}, {max(values)}"


def in_public(tree: ast.Module) -> Iterator[Function]:
    """Functions and methods without an underscore, of classes without one."""
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
        yield from (one for one in inside if isinstance(one, Function) and not one.name.startswith("_"))


def names_any(node: Function) -> bool:
    """Does the signature say `Any`?"""
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    annotations = [node.returns, *(one.annotation for one in arguments if one)]
    return any(
        isinstance(part, ast.Name) and part.id == "Any"
        for annotation in annotations
        if annotation
        for part in ast.walk(annotation)
    )


if __name__ == "__main__":
    main()

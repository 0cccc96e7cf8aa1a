"""The shape of the code in numbers: sizes, `Any` in public signatures, imports of private files across rooms.

    python scripts/figures.py [--list] [ROOT]

ROOT is a checkout, this one where none is named: run it on two to compare them; `--list` names each signature
with `Any`. A room is a folder of the package; a private file is one whose name begins with an underscore. A
signature counts as public where its function has no underscore (or is `__init__` or `__call__`), and as one
with `Any` where an annotation says it, or a name that a module of the package gives to something with it.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import layers  # noqa: E402  the rules that the tests hold

Function = ast.FunctionDef | ast.AsyncFunctionDef
PACKAGE = "headstart"
CALLED = ("__init__", "__call__")
"""What is called by other names."""


def main() -> None:
    """Print a table."""
    named = [word for word in sys.argv[1:] if word != "--list"]
    root = Path(named[0] if named else Path(__file__).parents[1])
    public, anything = signatures(root / "src" / PACKAGE)
    if "--list" in sys.argv:
        print(*anything, sep="\n")
    for name, value in figures(root).items():
        print(f"{name:42} {value}")


def figures(root: Path) -> dict[str, str]:
    """What is counted, by what it is called."""
    source = root / "src" / PACKAGE
    trees = parsed(source)
    sizes = [len(path.read_text("utf-8").splitlines()) for path in trees]
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, Function)]
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for node in functions]
    public, anything = signatures(source)
    foreign = {violation.rpartition(": imports")[0] for violation in layers.private_imports(source)}
    tests = sum(
        len(re.findall(r"^def test_", path.read_text("utf-8"), re.M))
        for path in (root / "tests").rglob("*.py")
    )
    return {
        "source files": str(len(trees)),
        "source lines": str(sum(sizes)),
        "lines of a file: median, 95 %, most": spread(sizes),
        "lines of a function: median, 95 %, most": spread(lengths),
        "public signatures with Any": f"{len(anything)} of {public} ({len(anything) / public:.1%})",
        "imports of another room's private file": str(len(foreign)),
        "test functions": str(tests),
    }


def parsed(source: Path) -> dict[Path, ast.Module]:
    """Every file of the package."""
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(source.rglob("*.py"))}


def signatures(source: Path) -> tuple[int, list[str]]:
    """How many public signatures there are, and `file: name` of each that says `Any`."""
    trees, found, count = parsed(source), [], 0
    known = aliases(source, trees)
    for path, tree in trees.items():
        for node in in_public(tree):
            count += 1
            if any(says(annotation, known[path]) for annotation in annotations(node)):
                found.append(f"{path.relative_to(source)}: {node.name}")
    return count, found


def spread(values: list[int]) -> str:
    """Median, 95th percentile and largest."""
    return f"{statistics.median(values):.0f}, {statistics.quantiles(values, n=20)[-1]:.0f}, {max(values)}"


def in_public(tree: ast.AST) -> Iterator[Function]:
    """Functions and methods without an underscore, at whatever class they are."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from in_public(node)
        elif isinstance(node, Function) and (node.name in CALLED or not node.name.startswith("_")):
            yield node


def annotations(node: Function) -> Iterator[ast.expr]:
    """Of what it takes and gives."""
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    yield from filter(None, [node.returns, *(one.annotation for one in arguments if one)])


def says(annotation: ast.AST, names: Collection[str]) -> bool:
    """Does an annotation say one of the names?"""
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(annotation))


def aliases(source: Path, trees: Mapping[Path, ast.Module]) -> dict[Path, set[str]]:
    """By file the names that stand for something with `Any` in it, its own and those that it imports."""
    known = {path: {"Any"} for path in trees}
    before = -1
    while before != (before := sum(map(len, known.values()))):
        for path, tree in trees.items():
            known[path] |= assigned(tree, known[path]) | imported(source, path, tree, known)
    return known


def assigned(tree: ast.Module, names: Collection[str]) -> set[str]:
    """Names that a module gives to types with one of the names in them."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name) and says(node.value, names)
    }


def imported(source: Path, path: Path, tree: ast.Module, known: Mapping[Path, set[str]]) -> set[str]:
    """Names that a module takes from others in which they stand for something with `Any`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            theirs = known.get(folder.with_suffix(".py")) or known.get(folder / "__init__.py") or set()
            found |= {one.asname or one.name for one in node.names if one.name in theirs}
    return found


if __name__ == "__main__":
    main()

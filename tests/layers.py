"""The project's own rules as functions of a package folder; each returns its violations, one line each.

`tests/test_layers.py` asks them about `src/headstart` and about small packages with planted violations.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

PACKAGE = "headstart"
LAYERS = (
    *(
        "errors",
        "units",
        "exposure",
        "targets",
        "preprocessing",
        "types",
        "plain",
        "records",
        "measured",
        "across",
        "version",
        "registry",
        "options",
        "explored",
        "compared",
        "suggested",
        "overview",
        "runtime",
        "spoken",
        "cache",
        "parallel",
        "ahead",
        "spread",
        "stats",
        "confident",
        "looks",
    ),
    *(
        "data.strings",
        "data.items",
        "data.reading",
        "data.links",
        "data.listing",
        "data.reader",
        "data.label_names",
    ),
    *(
        "data.images",
        "data.answers",
        "data.folders.roles",
        "data.folders.tree",
        "data.tables",
        "data.objects",
    ),
    *(
        "data.masks.files",
        "data.folders",
        "data.masks",
        "data.folders.class_folders",
        "data.layouts",
        "data.tabular",
    ),
    *("data.places", "data.texts", "data.boxes", "data.masks.polygons", "data.masks.layouts", "data.scenes"),
    *("data.checks", "data.cutting", "data"),
    *("bases",),
    *("heads",),
    *(
        "tasks.scores",
        "tasks.solvers",
        "tasks.modalities",
        "tasks.answers",
        "tasks.fitters",
        "tasks.base",
        "bench",
        "workers",
    ),
    *("tasks.baselines", "tasks"),
    *("sources", "ranking"),
    *("adaptation.domains", "adaptation.base", "adaptation.training", "adaptation"),
    *("verification.curve", "verification"),
    *("runs", "shipping.bundles", "shipping.report", "shipping"),
    *(
        "exploration",
        "comparison",
        "labelling",
        "pretraining",
        "settings",
        "partial",
        "story",
        "crossvalidation",
        "pipeline",
        "joint",
        "multitask",
        "domains",
    ),
    *(
        "keywords",
        "models",
        "serving",
        "results",
        "after",
        "adapted",
        "unlabelled",
        "api",
        "samples",
        "lessons",
        "course",
        "demo",
        PACKAGE,
        "cli",
        "__main__",
    ),
)
"""Lowest first, dotted below `headstart`: a file belongs to the longest name that it lies under, and may
import its own layer and those before it. PACKAGE is the package's `__init__`."""
MAY_READ_TEST = ("types", "data", "verification")
MAX_FILE, MAX_FUNCTION, MAX_PARAMETERS, MAX_INHERITANCE = 400, 60, 8, 2

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


def upward_imports(root: Path) -> list[str]:
    """Imports of a higher layer, wherever they stand, but for those under `if TYPE_CHECKING`."""
    found = []
    for path, tree in _files(root):
        layer = _layer(root, path)
        if layer is None:
            found.append(f"{path.relative_to(root)}: no layer of this name; write it in LAYERS")
            continue
        if layer == PACKAGE:
            continue  # the package itself stands on all of them; its imports are what users get
        for node, target in _imports(tree, _package_of(root, path)):
            if target not in LAYERS[: LAYERS.index(layer) + 1]:
                found.append(f"{path.relative_to(root)}:{node.lineno}: {layer} imports {target}")
    return found


def private_imports(root: Path) -> list[str]:
    """Imports of a file whose name begins with an underscore, by a file of another folder."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: imports {module}"
        for path, tree in _files(root)
        for node in ast.walk(tree)
        for module in _modules(node, _package_of(root, path))
        if _foreign(root, path, module.split(".")[1:])
    ]


def long_files(root: Path) -> list[str]:
    """Files of more than MAX_FILE lines."""
    counts = [(path, len(path.read_text("utf-8").splitlines())) for path, _ in _files(root)]
    return [f"{path.relative_to(root)}: {count} lines" for path, count in counts if count > MAX_FILE]


def long_functions(root: Path) -> list[str]:
    """Functions of more than MAX_FUNCTION lines, from `def` to the last."""
    return _functions(root, lambda node: (node.end_lineno or 0) - node.lineno + 1, MAX_FUNCTION, "lines")


def wide_functions(root: Path) -> list[str]:
    """Functions of more than MAX_PARAMETERS parameters; self and cls do not count.

    Nor do those that are given by name only: nobody can take one for another. A command's parameters are its
    options, and it is called by nobody: it may have more.
    """
    return _functions(root, _parameters, MAX_PARAMETERS, "parameters")


def deep_inheritance(root: Path) -> list[str]:
    """Classes with more than MAX_INHERITANCE of our own classes in a line, themselves included."""
    bases: dict[str, set[str]] = {}
    for _, tree in _files(root):
        for node in _nodes(tree, ast.ClassDef):
            bases.setdefault(node.name, set()).update(_names(base) for base in node.bases)

    def depth(name: str, above: tuple[str, ...] = ()) -> int:
        if name not in bases or name in above:
            return 0
        return 1 + max((depth(base, (*above, name)) for base in bases[name]), default=0)

    return [f"{name}: {depth(name)} classes in a line" for name in bases if depth(name) > MAX_INHERITANCE]


def test_readers(root: Path) -> list[str]:
    """Uses of an attribute `test` outside the layers that may read the test split."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: reads .test"
        for path, tree in _files(root)
        if path.relative_to(root).parts[0].removesuffix(".py") not in MAY_READ_TEST
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and _reads_test(node)
    ]


def answering_for_others(root: Path) -> list[str]:
    """Names that once answered many questions at a time: whoever has a question asks the part that knows."""
    gone = ("open_ended", "trained_head", "has_sentences")
    return [
        f"{path.relative_to(root)}:{node.lineno}: {name}"
        for path, tree in _files(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute | ast.FunctionDef)
        for name in [getattr(node, "id", getattr(node, "attr", getattr(node, "name", "")))]
        if name in gone
    ]


def without_mirror(root: Path, tests: Path, exempt: Mapping[str, str]) -> list[str]:
    """Files without `tests/<folder>/test_<name>.py`, and exemptions that are no longer needed.

    Args:
        root: the package folder.
        tests: the tests' folder.
        exempt: reason by path relative to `root`, with forward slashes.
    """
    files = {path.relative_to(root) for path, _ in _files(root) if path.name != "__init__.py"}
    bare = {file.as_posix() for file in files if not (tests / _mirror(file)).is_file()}
    return [
        *(f"{file}: no {_mirror(Path(file)).as_posix()}" for file in sorted(bare - exempt.keys())),
        *(f"{file}: exempt for nothing" for file in sorted(exempt.keys() - bare)),
    ]


def undocumented(root: Path) -> list[str]:
    """Public classes and functions of a module that say nothing about themselves."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} has no docstring"
        for path, tree in _files(root)
        for node in tree.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]


def unpickling(root: Path) -> list[str]:
    """Anything that could unpickle: pickle and its kin, and loaders that are not told to refuse it."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {reason}"
        for path, tree in _files(root)
        for node in ast.walk(tree)
        if (reason := _unpickles(node))
    ]


def _files(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        yield path, _parsed(path.read_text("utf-8"), str(path))


@lru_cache(maxsize=1_000)
def _parsed(text: str, path: str) -> ast.Module:
    """All rules read the same files."""
    return ast.parse(text, path)


def _nodes(tree: ast.AST, kind: type[Node]) -> Iterator[Node]:
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def _layer(root: Path, path: Path) -> str | None:
    names = path.relative_to(root).with_suffix("").parts
    return PACKAGE if names == ("__init__",) else _longest(names)


def _longest(names: Sequence[str]) -> str | None:
    """The longest layer that is a beginning of these names."""
    dotted = [".".join(names[:length]) for length in range(len(names), 0, -1)]
    return next((name for name in dotted if name in LAYERS), None)


def _package_of(root: Path, path: Path) -> list[str]:
    return [PACKAGE, *path.relative_to(root).parts[:-1]]


def _imports(tree: ast.AST, package: list[str]) -> Iterator[tuple[ast.stmt | ast.Call, str]]:
    """Our own layers that are imported when the code runs, with the node that does it."""
    for node in _run(tree):
        for module in _modules(node, package):
            first, *names = module.split(".")
            if first == PACKAGE:
                yield node, _longest(names) or PACKAGE


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below, but for those that only a type checker sees."""
    left = [tree]
    while left:
        node = left.pop()
        children = ast.iter_child_nodes(node)
        if isinstance(node, ast.If) and _names(node.test) == "TYPE_CHECKING":
            children = iter(node.orelse)
        left += reversed([*children])
        if node is not tree:
            yield node


def _modules(node: ast.AST, package: list[str]) -> list[str]:
    """Dotted names that an import (statement or call, plug-ins too) reaches for."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*above, *filter(None, [node.module])])
        return [f"{module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called, first = ast.unparse(node.func), str(node.args[0].value)
        if called.split(".")[-1] in ("import_module", "__import__"):
            return [first]
        if called in ("registry.get", "registry.names"):
            return [f"{PACKAGE}.{first}"]
    return []


def _foreign(root: Path, path: Path, names: Sequence[str]) -> bool:
    """Is a private file of another folder among what these names lead through?"""
    private = [name.startswith("_") and not name.startswith("__") for name in names]
    ends = [end for end, hidden in enumerate(private, 1) if hidden]
    files = [root.joinpath(*names[:end]).with_suffix(".py") for end in ends]
    return any(file.parent != path.parent and file.is_file() for file in files)


def _functions(root: Path, measure: Callable[[Function], int], limit: int, unit: str) -> list[str]:
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} has {measure(node)} {unit}"
        for path, tree in _files(root)
        for node in _nodes(tree, Function)
        if measure(node) > limit
    ]


def _parameters(node: Function) -> int:
    if any(isinstance(one, ast.Call) and _names(one.func) == "command" for one in node.decorator_list):
        return 0
    given = node.args
    every = [*given.posonlyargs, *given.args, *filter(None, [given.vararg])]
    return len(every) - bool(every and every[0].arg in ("self", "cls"))


def _names(node: ast.expr) -> str:
    """`B` for `B`, `a.B` and `a.B[T]`."""
    return ast.unparse(node).split("[")[0].split(".")[-1]


def _reads_test(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        asked = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        return _names(node.func) in ("getattr", "attrgetter") and "test" in asked
    return isinstance(node, ast.Attribute) and node.attr == "test"


def _mirror(file: Path) -> Path:
    return file.with_name(f"test_{file.stem.strip('_')}.py")


def _unpickles(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call):
        return _loads_freely(node)
    if isinstance(node, ast.Attribute):
        return f"uses {node.attr}" if "pickle" in node.attr.lower() else None
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        only_error = [alias.name for alias in node.names] == ["UnpicklingError"]  # catching loads nothing
        modules = [] if only_error else [node.module or ""]
        if node.module == "joblib" and "load" in [alias.name for alias in node.names]:
            return "imports joblib.load"
    kin = {"pickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve"}
    hits = [name for name in modules if name.split(".")[0] in kin]
    return f"imports {hits[0]}" if hits else None


def _loads_freely(node: ast.Call) -> str | None:
    called = ast.unparse(node.func)
    told = {word.arg: ast.unparse(word.value) for word in node.keywords}
    if called == "joblib.load":  # what it sends between our own processes is no file of anybody's
        return "joblib.load unpickles"
    if called.endswith("torch.load") and told.get("weights_only") != "True":
        return "torch.load without weights_only=True"
    if told.get("allow_pickle", "False") != "False":
        return f"{called} with allow_pickle"
    return None

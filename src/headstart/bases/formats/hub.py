"""Fetch a base's files from the Hugging Face hub; its own cache is used, and offline is said at once.

What is fetched is what some family reads, and nothing else: no code, no weights of other libraries, and
PyTorch's own format only where there is no safetensors file.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from huggingface_hub import constants, scan_cache_dir, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import (
    CacheNotFound,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
)
from torch import Tensor

from ...cache import Cache, default_folder, key_of
from ...errors import BaseError
from .files import ADAPTER, CHRONOS, CONFIG, read_config, read_folder, whole
from .fingerprints import SEEN
from .modules import MODULES, folders_of

PREPROCESSOR = "preprocessor_config.json"
NO_NETWORK = "check the name and the connection, or give a local folder that holds the model's files"
SETTINGS = ("*config.json", "config_*.json", "special_tokens_map.json", "added_tokens.json", MODULES)
"""Patterns of every file that says how a model is built, or its inputs are prepared."""
VOCABULARIES = (
    "tokenizer.json",
    "*vocab.json",
    "vocab-*.json",
    "vocab.txt",
    "merges.txt",
    "bpe.codes",
    "*.model",
    "*.spm",
    "*.tiktoken",
    "normalizer.json",
)
SAFE = (
    "model.safetensors",
    "model*-of-*.safetensors",
    "*.safetensors.index.json",
    "adapter_model.safetensors",
)
PICKLED = (
    "pytorch_model.bin",
    "pytorch_model*-of-*.bin",
    "pytorch_model.bin.index.json",
    "adapter_model.bin",
)
"""Of tensors only, and read without unpickling; fetched where nothing else is there."""
PARTS = "[0-9]_*/"
"""Folders of sentence-transformers' modules: `1_Pooling`, `2_Dense`, …"""

NO_WEIGHTS = ("Pooling/", "Normalize/", "Dropout/")


def fetch(repository: str) -> Path:
    """Folder with all that a base's families read of `repository` ("ORG/NAME").

    What was fetched before is not looked for again: the same name stays the same base, online or not.

    Raises:
        BaseError: there is no such repository, or no connection and no copy in the cache.
    """
    there = None
    try:
        there = local(repository)
        if there and (_is_whole(there) or Cache(default_folder()).recall(_key(repository, there))):
            return there
        found = _download(repository, there.name if there else None)
        if there and not _can_do(found) and not _listed(found):
            raise OSError("the hub was not reached")
        Cache(default_folder()).remember(_key(repository, found), {"fetched": True})
        return found
    except (OSError, HfHubHTTPError, HFValidationError, ValueError) as error:
        if there and _can_do(there):
            return there
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        part = f": the cache holds a part of it only, {there}" if there else ""
        raise BaseError(
            f"`{repository}` could not be fetched from the hub{part}: {reason}", _hint(repository, error)
        ) from error


def cached() -> list[str]:
    """Names, `hf/ORG/NAME`, of the models with settings and weights that the hub's own cache holds."""
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return []
    models = sorted(one.repo_id for one in repositories if one.repo_type == "model")
    return [f"hf/{name}" for name in models if local(name)]


def fetch_state(repository: str) -> dict[str, Tensor]:
    """The weights of `repository`."""
    return read_folder(fetch(repository))


def _download(repository: str, commit: str | None) -> Path:
    at: dict[str, Any] = {"revision": commit} if commit else {}
    names = (*SETTINGS, *VOCABULARIES, *SAFE, SEEN)
    # a pattern's star goes over folders too: without one, a name is that of the repository's own folder
    folder = Path(snapshot_download(repository, allow_patterns=[*names, *_within(PARTS, names)], **at))
    if more := _more(folder):
        folder = Path(snapshot_download(repository, allow_patterns=more, **at))
    return folder


def _key(repository: str, folder: Path) -> str:
    return key_of(hub=repository, commit=folder.name)


def _within(folder: str, names: tuple[str, ...]) -> list[str]:
    return [folder + name for name in names if not name.startswith("*")]


def _more(folder: Path) -> list[str]:
    """Patterns of what is still to be fetched, seen by what is there."""
    parts = [f"{part}/" for part in folders_of(folder) if part]
    wanted = list[str]()
    for part in ("", *parts):
        if part and not fnmatch(part, PARTS):
            wanted += _within(part, (CONFIG, *VOCABULARIES, *SAFE))
        if not part.endswith(NO_WEIGHTS) and not any((folder / part).glob("*.safetensors")):
            wanted += _within(part, PICKLED)
    return [CONFIG, *wanted] if wanted else []  # the library refuses patterns that nothing matches


def local(repository: str) -> Path | None:
    """The folder of a repository whose settings and weights are in the cache; the hub is not asked."""
    for settings in (CONFIG, ADAPTER, MODULES):
        found = try_to_load_from_cache(repository, settings, constants.HF_HUB_CACHE)
        if isinstance(found, str) and any(
            whole(Path(found).parent / part) for part in ("", *folders_of(Path(found).parent))
        ):
            return Path(found).parent
    return None


def _is_whole(folder: Path) -> bool:
    """Is all there that some family would read? A text model may have been fetched by another library."""
    if not _can_do(folder):
        return False
    parts = folders_of(folder)
    if parts:
        return all((folder / part / CONFIG).is_file() or part.endswith("Normalize") for part in parts if part)
    return _stands_alone(folder) or (folder / PREPROCESSOR).is_file()


def _stands_alone(folder: Path) -> bool:
    """Do its settings and weights say everything?"""
    config = read_config(folder) or {}
    return "model_type" not in config or CHRONOS in config


def _can_do(folder: Path) -> bool:
    """Is there enough for a family to say what is amiss, or to load it?"""
    if _stands_alone(folder) or (folder / PREPROCESSOR).is_file():
        return True
    return any(file for name in VOCABULARIES for file in folder.glob(name))


def _listed(snapshot: Path) -> bool:
    """Has the hub been asked what the repository holds?"""
    return (snapshot.parents[1] / "trees" / f"{snapshot.name}.json").is_file()


def _hint(repository: str, error: Exception) -> str:
    if isinstance(error, GatedRepoError):
        page = f"https://huggingface.co/{repository}"
        return f"it is given to those who ask only: ask at {page}, then log in: hf auth login"
    if isinstance(error, RepositoryNotFoundError):
        return "check the name ORG/NAME; a private one needs: hf auth login"
    return NO_NETWORK

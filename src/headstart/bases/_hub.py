"""Fetch a base's files from the Hugging Face hub; its own cache is used, and offline is said at once."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import constants, scan_cache_dir, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import CacheNotFound, HfHubHTTPError, HFValidationError
from torch import Tensor

from ..errors import BaseError
from ._files import CONFIG, WEIGHTS, read_folder
from ._seen import SEEN

PREPROCESSOR = "preprocessor_config.json"
NO_NETWORK = "check the name and the connection, or give a local folder that holds the model's files"


def fetch(repository: str) -> Path:
    """Folder with the settings and the weights of `repository` ("ORG/NAME").

    What was fetched before is not looked for again: the same name stays the same base, online or not.

    Raises:
        BaseError: there is no such repository, or no connection and no copy in the cache.
    """
    try:
        if there := _fetched(repository):
            return there
        return Path(snapshot_download(repository, allow_patterns=[CONFIG, PREPROCESSOR, SEEN, *WEIGHTS]))
    except (OSError, HfHubHTTPError, HFValidationError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BaseError(f"`{repository}` could not be fetched from the hub: {reason}", NO_NETWORK) from error


def cached() -> list[str]:
    """Names, `hf/ORG/NAME`, of the models with settings and weights that the hub's own cache holds."""
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return []
    models = sorted(one.repo_id for one in repositories if one.repo_type == "model")
    return [f"hf/{name}" for name in models if _fetched(name)]


def _fetched(repository: str) -> Path | None:
    """The folder of a repository whose settings and weights are in the cache."""
    found = [try_to_load_from_cache(repository, name, constants.HF_HUB_CACHE) for name in (CONFIG, *WEIGHTS)]
    config, *weights = [Path(one) if isinstance(one, str) else None for one in found]
    return config.parent if config and any(weights) else None


def fetch_state(repository: str) -> dict[str, Tensor]:
    """The weights of `repository`."""
    return read_folder(fetch(repository))

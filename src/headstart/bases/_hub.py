"""Fetch a base's files from the Hugging Face hub; its own cache is used, and offline is said at once."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.errors import CacheNotFound, HfHubHTTPError, HFValidationError
from torch import Tensor

from ..errors import BaseError
from ._files import CONFIG, WEIGHTS, read_folder

PREPROCESSOR = "preprocessor_config.json"
NO_NETWORK = "check the name and the connection, or give a local folder that holds the model's files"


def fetch(repository: str) -> Path:
    """Folder with the settings and the weights of `repository` ("ORG/NAME").

    Raises:
        BaseError: there is no such repository, or no connection and no copy in the cache.
    """
    try:
        return Path(snapshot_download(repository, allow_patterns=[CONFIG, PREPROCESSOR, *WEIGHTS]))
    except (OSError, HfHubHTTPError, HFValidationError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BaseError(f"`{repository}` could not be fetched from the hub: {reason}", NO_NETWORK) from error


def cached() -> list[str]:
    """Names, `hf/ORG/NAME`, of the models with settings and weights that the hub's own cache holds."""
    try:
        repositories = scan_cache_dir().repos
    except CacheNotFound:
        return []
    names = []
    for repository in repositories:
        there = {file.file_name for revision in repository.revisions for file in revision.files}
        if repository.repo_type == "model" and CONFIG in there and there & set(WEIGHTS):
            names.append(f"hf/{repository.repo_id}")
    return sorted(names)


def fetch_state(repository: str) -> dict[str, Tensor]:
    """The weights of `repository`."""
    return read_folder(fetch(repository))

"""Load a base that `headstart pretrain` made, without Headstart: timm needs one line, so does transformers.

python examples/load_a_base.py BASE
"""

import json
import sys
from pathlib import Path

import torch


def load(folder: str) -> torch.nn.Module:
    """The network in its own library."""
    config = json.loads(Path(folder, "config.json").read_text())
    if "model_type" in config:
        from transformers import AutoModel

        return AutoModel.from_pretrained(folder)
    import timm

    return timm.create_model(f"local-dir:{folder}", pretrained=True)


if __name__ == "__main__":
    network = load(sys.argv[1])
    print(f"{type(network).__name__}: {sum(one.numel() for one in network.parameters()):,} parameters")

"""Low-rank adapters beside the linear layers of a network: the network of the strategy `lora`.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022, as peft has it; here every linear
layer has one, as Dettmers et al. ("QLoRA", NeurIPS 2023) found best.
"""

from __future__ import annotations

import warnings
from typing import Any

from torch import Tensor, nn

from ...errors import BaseError, MissingExtra

RANK, ALPHA = 8, 16
"""Of the matrices beside a layer, and what over the rank their product is multiplied by."""


class Adapted(nn.Module):
    """A network with adapters that change nothing yet; all but them stays as it is.

    The adapters' first matrices are drawn from torch's generator. The network itself is changed.
    """

    def __init__(self, network: nn.Module) -> None:
        """Raises MissingExtra without peft."""
        super().__init__()
        peft = _peft()
        settings = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=linear_layers(network))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says of each transposed layer that it noticed
            self.network: nn.Module = peft.inject_adapter_in_model(settings, network)

    def forward(self, inputs: Tensor) -> Tensor:
        """What the network gives for them."""
        outputs: Tensor = self.network(inputs)
        return outputs

    @property
    def trained(self) -> tuple[str, ...]:
        """Names of the adapters' parameters."""
        return tuple(name for name, _ in self.named_parameters() if ".lora_" in name)

    def merged(self) -> nn.Module:
        """The network with the adapters added to its weights, as it was before but for these."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        for name, module in list(self.network.named_modules()):
            if isinstance(module, BaseTunerLayer):
                module.merge()
                self.network.set_submodule(name, module.get_base_layer())
        return self.network


def require(name: str, network: nn.Module) -> None:
    """Can the base of this name have adapters?

    Raises:
        BaseError: it has no linear layer.
        MissingExtra: peft is not installed.
    """
    _peft()
    if not linear_layers(network):
        raise BaseError(
            f"{name} has no linear layer that an adapter could stand beside", "use --strategy finetune"
        )


def linear_layers(network: nn.Module) -> list[str]:
    """Names of the layers that multiply by a matrix, and do nothing else that an adapter would not know of.

    What attention of torch's own uses inside is none.
    """
    from transformers.pytorch_utils import Conv1D  # here: seconds, which only adapters are worth

    plain = nn.Linear.forward, Conv1D.forward

    inside = [name for name, module in network.named_modules() if isinstance(module, nn.MultiheadAttention)]
    return [
        name
        for name, module in network.named_modules()
        if type(module).forward in plain and not name.startswith(tuple(f"{one}." for one in inside))
    ]


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise MissingExtra.of("the strategy lora trains with peft", "text") from error
    return peft

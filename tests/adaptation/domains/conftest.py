"""Made features of two domains: the target is the source that was turned, stretched and moved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.adaptation.domains.base import Domains, Labelled
from headstart.tasks.solvers import linear

WIDTH, CLASSES = 8, 3


def rows(many: int, seed: int, spread: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Rows around the centre of their class, in a space that no direction of is like another."""
    draws = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(CLASSES, WIDTH))
    right = np.arange(many) % CLASSES
    scale = np.linspace(0.4, 2.0, WIDTH)
    return (centres[right] + spread * draws.normal(size=(many, WIDTH))) * scale, right


def shifted(features: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """The same in other looks: stretched by direction and moved."""
    draws = np.random.default_rng(7)
    stretch = np.exp(0.35 * strength * draws.normal(size=WIDTH))
    return features * stretch + 2.0 * strength * draws.normal(size=WIDTH)


@pytest.fixture
def made() -> Callable[..., tuple[Domains, np.ndarray]]:
    """`made(strength=…, labels=…)`: two domains, and what is right in the target."""

    def make(strength: float = 2.0, labels: int = 0, many: int = 150) -> tuple[Domains, np.ndarray]:
        source, right = rows(many, 0)
        target, truth = rows(many, 1)
        target = shifted(target, strength)
        known = Labelled(target[: CLASSES * labels], truth[: CLASSES * labels])
        return Domains(source, right, target, CLASSES, linear, known), truth

    return make


@pytest.fixture
def accuracy() -> Callable[..., float]:
    """How often a head is right on the target."""
    return lambda head, domains, truth: float((head.outputs(domains.target).argmax(1) == truth).mean())

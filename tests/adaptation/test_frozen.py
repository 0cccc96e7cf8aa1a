"""Feature extraction declares that nothing moves; the contract tests ask for the rest."""

from benches import same_tensors
from headstart.adaptation._fit import fit, model_of
from headstart.adaptation.base import Recipe
from headstart.adaptation.frozen import plugin


def test_nothing_is_trained_and_nothing_raced():
    assert plugin.stages(("layer2", "layer1"), 9) == []
    assert plugin.rates == ()
    assert plugin.inherits
    assert plugin.solved_head


def test_the_backbone_that_ships_is_the_base(home, base, fresh):
    fitted = fit(home.job("frozen"), home.bench, fresh())
    assert same_tensors(model_of(fitted, home.bench)[0].state_dict(), base.network().state_dict())
    assert fitted.history.steps == 0
    assert fitted.job.recipe != Recipe()

"""A ridge regression without pre-training: compared with others in test_naive.py."""

from headstart.tasks.baselines.lagged_ridge import plugin


def test_it_leaves_the_season_before_without_being_sure():
    assert plugin.fit.args[0].keywords == {"clear": 0.0}
    assert "without any pre-training" in plugin.summary

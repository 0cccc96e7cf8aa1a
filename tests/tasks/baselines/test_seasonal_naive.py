"""The last season, over and over: compared by hand in test_naive.py."""

from headstart.preprocessing.series import SEASONAL
from headstart.tasks.baselines._straight import telling
from headstart.tasks.baselines.seasonal_naive import plugin


def test_it_tells_the_number_of_a_season_before():
    assert plugin.fit.args[0].keywords == telling(SEASONAL).args[0].keywords == {"number": SEASONAL}
    assert not plugin.deaf

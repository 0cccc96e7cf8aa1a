"""A blend is for users of two tables only."""

import pytest

from headstart import registry
from headstart.adaptation import require_fitting
from headstart.errors import SettingsError


def test_it_is_for_ratings_only():
    require_fitting(["blend"], registry.get("tasks", "recommendation"), "recommendation")
    with pytest.raises(SettingsError, match="for ratings only"):
        require_fitting(["blend"], registry.get("tasks", "forecasting"), "forecasting")

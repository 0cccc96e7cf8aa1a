"""References that would end too late beside the first one are left out, and that is written down."""

from dataclasses import replace

from benches import plan
from headstart.adaptation import now
from headstart.runtime import Clock, Runtime
from headstart.verification._references import in_time


def test_the_first_reference_always_stays(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 60.0, "scratch": 90.0})
    assert in_time(home.bench, planned, now) is planned, "no time was set"
    late = home.with_runtime(Runtime(clock=Clock(0.5)))
    left = in_time(late, planned, now)
    assert left.seconds.keys() == {"frozen", "reinit"}


def test_what_was_decided_once_is_not_asked_again(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 60.0, "scratch": 90.0})
    asked = []

    def once(name, make):
        asked.append(name)
        return False

    late = home.with_runtime(Runtime(clock=Clock(0.5)))
    assert in_time(late, planned, once) is planned
    assert asked == ["late-for-scratch"]

"""References that would end too late are left out, and that is written down."""

from dataclasses import replace

from benches import plan
from headstart.adaptation import Arm, Fitted, now
from headstart.adaptation.base import History
from headstart.runtime import Clock, Runtime, Silent
from headstart.verification._references import in_time, starved


class Told(Silent):
    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def test_the_first_reference_stays_where_two_trainings_of_it_fit(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 60.0, "scratch": 90.0})
    assert in_time(home.bench, planned, (), now) is planned, "no time was set"
    late = home.with_runtime(Runtime(clock=Clock(1.2)))
    left = in_time(late, planned, (), now)
    assert left.seconds.keys() == {"frozen", "reinit"}


def test_what_was_decided_once_is_not_asked_again(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 60.0, "scratch": 90.0})
    asked = []

    def once(name, make):
        asked.append(name)
        return False

    late = home.with_runtime(Runtime(clock=Clock(0.5)))
    assert in_time(late, planned, (), once) is planned
    assert asked == ["hopeless-for-reinit", "late-for-scratch"]


def test_where_not_even_two_trainings_fit_there_is_no_reference(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 600.0, "scratch": 90.0})
    late = home.with_runtime(Runtime(clock=Clock(1.0), reporter=(told := Told())))
    assert in_time(late, planned, (), now).seconds.keys() == {"frozen"}
    assert "there will be no verdict; 11 minutes should be enough" in told.notes[-1]
    written = {"hopeless-for-reinit": False, "late-for-scratch": True}
    kept = in_time(late, planned, (), lambda name, make: written[name])
    assert kept.seconds.keys() == {"frozen", "reinit"}, "what was written down holds"


def test_where_there_are_rivals_or_no_such_plan_the_first_reference_is_not_given_up(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 600.0, "scratch": 90.0})
    late = home.with_runtime(Runtime(clock=Clock(1.0)))
    late.task = replace(late.task, rivals=("naive",))
    assert "reinit" in in_time(late, planned, (), now).seconds
    late.task = replace(late.task, references=("scratch",), rivals=())
    assert in_time(late, planned.without("scratch"), (), now).seconds == planned.without("scratch").seconds


def test_a_machine_that_is_slower_than_planned_has_no_time_for_both(home):
    planned = replace(plan(home.bench), seconds={"frozen": 1.0, "reinit": 60.0, "scratch": 90.0}, first=2)
    needed = planned.needed("reinit") + planned.needed("scratch")
    bench = home.with_runtime(Runtime(clock=Clock((2 * needed + 20) / 60)))
    arms = [Arm("frozen", (), ()), Arm("finetune", (), (), pace=3.0)]
    assert "scratch" in in_time(bench, planned, arms[:1], now).seconds
    assert "scratch" not in in_time(bench, planned, arms, now).seconds


def arm(home, epochs, **history):
    fitted = Fitted(home.job("scratch", epochs=epochs), {}, History(**history), 1.0)
    return Arm("scratch", (fitted, fitted), ())


def test_what_had_less_than_half_of_its_epochs_has_shown_nothing(home):
    some, most = (0.5,) * 3, (0.5,) * 5
    assert starved(arm(home, 8, train=some, cut_short=True), 2)
    assert not starved(arm(home, 8, train=most, cut_short=True), 2)
    assert not starved(arm(home, 8, train=some), 2), "it stopped early by itself"
    assert not starved(arm(home, 8, train=some, cut_short=True), 0)
    assert not starved(None, 2)

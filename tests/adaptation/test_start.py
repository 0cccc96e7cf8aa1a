"""Where a job starts: inherited or random weights, and the feeds of its batches."""

from dataclasses import replace

import torch
from torch import nn

from benches import same_tensors
from clusters import aside
from headstart.adaptation import _start
from headstart.adaptation._fit import fit, outputs
from headstart.adaptation._start import reinitialised, scatter_views, start
from headstart.bases.networks.costs import fingerprint

__all__ = ["aside"]


def drawn(job, home):
    return start(job, home.bench).network.state_dict()


def test_random_weights_come_from_the_seed(home, base):
    first = drawn(home.job("scratch"), home)
    assert same_tensors(first, drawn(home.job("scratch"), home))
    assert not same_tensors(first, drawn(home.job("scratch", seed=1), home))
    assert not torch.equal(first["layer1.0.conv1.weight"], base.state["layer1.0.conv1.weight"])
    assert same_tensors(drawn(home.job("warm_init"), home), base.network().state_dict())


def test_the_draw_leaves_torchs_generator_alone(home):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    drawn(home.job("scratch"), home)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_fresh_arm_starts_from_random_weights_with_measured_statistics(home, base):
    job = home.job("finetune", fresh=True)
    begin = start(job, home.bench)
    network = begin.network
    plain = drawn(home.job("scratch"), home)
    assert torch.equal(network.conv1[0].weight, plain["conv1.0.weight"])
    with torch.no_grad():
        first = network.conv1[0](home.bench.subject(32).inputs.batch(job.train[:16]))
    torch.testing.assert_close(network.conv1[1].running_mean, first.mean((0, 2, 3)), rtol=1e-3, atol=1e-5)
    variance = first.transpose(0, 1).flatten(1).var(1)
    torch.testing.assert_close(network.conv1[1].running_var, variance, rtol=1e-3, atol=1e-5)
    assert network.conv1[1].momentum == nn.BatchNorm2d(1).momentum
    assert not network.training


def test_statistics_are_measured_once_and_kept_with_the_job(home, tmp_path, monkeypatch):
    job = home.job("frozen", fresh=True)
    done = fit(job, home.bench, tmp_path)
    measured = start(job, home.bench).network.state_dict()
    unsaid = start(job, home.bench, {"head.weight": done.kept["head.weight"]})  # of an earlier version
    assert same_tensors(unsaid.network.state_dict(), measured)
    monkeypatch.setattr(_start, "_calibrate", None)  # would raise where it is called
    again = start(job, home.bench, fit(job, home.bench, tmp_path).kept)
    assert same_tensors(again.network.state_dict(), measured)
    assert again.identity == fingerprint(measured)
    assert outputs(done, home.bench, home.splits.test).shape[0] == len(home.splits.test)


def test_a_network_without_its_training_is_that_of_the_arm(home, base):
    network, identity = reinitialised(home.bench, seed=0)
    job = replace(home.job("frozen", fresh=True), train=home.bench.pool)
    arm = start(job, home.bench)
    assert identity == arm.identity != base.identity
    assert same_tensors(network.state_dict(), arm.network.state_dict())
    assert identity != reinitialised(home.bench, seed=1)[1]


def test_views_are_what_training_sees(home):
    job = home.job("finetune", cuts=("layer2",), views=2)
    feed = start(job, home.bench).feeds("layer2")
    rows = job.train[:3]
    plain, first, second = feed.still(rows), *(feed.tensor(feed.fetch(rows, n, 0)) for n in (0, 1))
    assert not torch.equal(plain, first)
    assert not torch.equal(first, second)
    assert torch.equal(first, feed.tensor(feed.fetch(rows, 2, 5))), "two views take turns"


def test_views_are_passed_one_job_each_where_weights_are_inherited(home, aside):
    job = home.job("finetune", views=3)
    scatter_views(job, home.bench)
    assert [view for _, (_, view) in aside.done] == job.views
    boundary = job.recipe.cuts[0]
    network, identity = home.bench.base.network(), home.bench.base.identity
    wanted = home.bench.wanted(network, identity, [boundary], job.views[2])
    assert len(home.bench.passes.missing(wanted, home.bench.pool)) == 0
    aside.done.clear()
    scatter_views(home.job("finetune", views=3, fresh=True), home.bench)
    scatter_views(home.job("finetune", views=0, live=True), home.bench)
    assert aside.done == []

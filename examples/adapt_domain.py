"""Adapt a labelled source's model to a target without labels, and say what is not known.

python examples/adapt_domain.py SOURCE TARGET OUT [LABELLED_TARGET]
"""

import sys

import headstart as hs


def main(source: str, target: str, out: str, labelled: str | None = None) -> None:
    """A run, what the guard saw, and the examples to label first."""
    result = hs.run_domains(source, target, labelled_target=labelled, out=out)
    told = result.outcome
    print(f"{told.chosen} ships: {told.why}")
    print(told.verdict.sentence)
    if told.verdict.delta is None:
        print(f"label these first: {', '.join(told.to_label[:5])}")
    for name, share in told.source_shares.items():
        said = next(arm for arm in told.arms if arm.name == told.chosen).shares[name]
        print(f"{name}: {share:.0%} of the source, {said:.0%} of the target as {told.chosen} says")


if __name__ == "__main__":
    main(*sys.argv[1:])

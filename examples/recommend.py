"""Recommend items to users of one shop with what another one knows of them, and say whether that helped.

python examples/recommend.py TABLE SOURCE OUT
"""

import sys

import headstart as hs


def main(table: str, source: str, out: str) -> None:
    """A run, then five items for each user of the same table."""
    result = hs.run(table, task="recommendation", out=out, source_data=source, shared="users")
    for row in result.outcome.kinds:
        if row.arm == "by_kind":
            print(f"{row.kind}: NDCG@10 {row.value:.3f}, without the source {row.against:.3f}: {row.call}")
    for one in result.model.predict(table, source_data=source):
        print(f"{one['input']}: {', '.join(one['items'][:5])} (by {one['basis']})")


if __name__ == "__main__":
    main(*sys.argv[1:])

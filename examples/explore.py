"""Sort a heap of pictures that nobody has labelled, and say which to label first.

python examples/explore.py FOLDER OUT [BASE]
"""

import sys

import headstart as hs


def main(folder: str, out: str, base: str = "builtin/vision-s") -> None:
    """An exploration, then the cluster of each file, and what is unlike all that was seen."""
    exploration = hs.explore(folder, base=base, out=out)
    found = exploration.found
    print(found.sentence)
    if found.proof is not None:
        print(f"structure: the base {found.proof.call}, {100 * found.proof.delta:+.1f} points")
    for group in found.groups:
        print(f"{group.name}: {group.size}, such as {group.medoid}")
    print(f"label first: {', '.join(found.first[:10])}")
    odd = [one["input"] for one in exploration.model.predict([folder]) if one.get("unlike")]
    print(f"unlike the others: {', '.join(odd) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:])

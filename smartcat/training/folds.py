"""Cutting documents into folds: blocks in the order of the corpus. Arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


def block_folds(
    targets: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], folds: int
) -> npt.NDArray[np.int64]:
    """Give each document a fold, so that each fold holds a block of every label.

    Neighbours in a corpus are often alike: pages of one volume, letters of one sender, posts of one thread,
    scans of one day. Shuffled folds put near copies on both sides and promise too much. Measured on court
    pages whose test side is the last fifth of each court: shuffled folds said 99.5 %, blocks 95.8 %, and the
    test side gave 95.8 %.

    Args:
        targets: Index of each document's label, ``(documents,)``.
        groups: Documents of one group stay together, ``(documents,)``. Groups of several labels count as a
            label of their own.
        folds: Folds wanted, >= 2; fewer where fewer than two labels have so many groups.

    Returns:
        ``(documents,)``: the fold that holds the document out, or -1 for one that is always learned from
        because its label has fewer groups than folds. At least two labels are held out.

    Raises:
        TrainingError: No two labels have two groups each.
    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    leading = targets[first]
    leading[np.unique(member[leading[member] != targets])] = targets.max() + 1
    sizes = np.bincount(leading)
    # For each label the most groups that are alike and hold it: it can be held out in so many folds.
    reach = [sizes[leading[member[targets == label]]].max() for label in np.unique(targets)]
    possible = possible_folds(reach, folds)
    fold_of_group = np.full(len(first), -1, dtype=np.int64)
    for label in np.flatnonzero(sizes >= possible):
        mine = np.flatnonzero(leading == label)
        in_order = mine[np.argsort(first[mine])]
        fold_of_group[in_order] = np.arange(len(mine)) * possible // len(mine)
    return fold_of_group[member]


def possible_folds(reach: Sequence[int], folds: int) -> int:
    """Return how many folds there can be.

    Args:
        reach: For each label the most groups that are alike and hold it.
        folds: Folds wanted, >= 2.

    Raises:
        TrainingError: No two labels have two groups each.
    """
    possible = min(folds, sorted(reach)[-2]) if len(reach) > 1 else 0
    if possible < 2:
        raise TrainingError(
            "expected at least two labels with two documents each, to learn the confidence from"
        )
    return possible


def in_last_fold(rank: int, size: int, folds: int) -> bool:
    """Say whether :func:`block_folds` puts a group into the last fold.

    Args:
        rank: How many groups of the same label stand before it in the corpus.
        size: Groups of that label.
        folds: Folds there are.
    """
    return size >= folds and rank * folds // size == folds - 1

"""Named random streams, one per (seed, entity, block): independent of threads, execution order and run size."""

import zlib

import numpy as np

BLOCK_CLIENTS = 1_000
"""Clients drawn together. Part of the format: changing it changes every synthetic table."""


def stream(seed: int, entity: str, *keys: int | str) -> np.random.Generator:
    """Open the random stream of an entity.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 … 2**32 − 1.
    entity : str
        What is drawn, such as ``"clients"``.
    *keys : int or str
        Further names, such as the block number or a feature code.

    Returns
    -------
    numpy.random.Generator
        SFC64 seeded by a ``SeedSequence`` over the names (Salmon et al. 2011 discuss such keyed streams).
    """
    # Include the number of keys: a SeedSequence pads with zeros, so (1, "a") would equal (1, "a", 0).
    words = [seed, zlib.crc32(entity.encode()), len(keys)]
    words += [zlib.crc32(key.encode()) if isinstance(key, str) else key for key in keys]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words)))

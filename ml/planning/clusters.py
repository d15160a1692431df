"""The cost of randomising whole stations: intra-cluster correlation and design effect."""

import numpy as np


def intra_cluster_correlation(values: np.ndarray, cluster: np.ndarray) -> float:
    """Share of the variance between clusters: the one-way ANOVA estimate (Donner 1986), clipped to 0–1.

    Parameters
    ----------
    values : ndarray of shape (clients,)
    cluster : ndarray of int, shape (clients,)

    Returns
    -------
    float
        NaN with fewer than two clusters, only clusters of one client, or constant values.
    """
    _, index, sizes = np.unique(cluster, return_inverse=True, return_counts=True)
    clusters, clients = len(sizes), len(values)
    if clusters < 2 or clients == clusters:
        return np.nan
    means = np.bincount(index, values) / sizes
    between = float(sizes @ (means - values.mean()) ** 2) / (clusters - 1)
    within = float(((values - means[index]) ** 2).sum()) / (clients - clusters)
    typical = (clients - float(sizes @ sizes) / clients) / (clusters - 1)
    total = between + (typical - 1) * within
    return float(np.clip((between - within) / total, 0, 1)) if total > 0 else np.nan


def design_effect(sizes: np.ndarray, icc: float) -> float:
    """``1 + ((cv² + 1) · m̄ − 1) · icc`` (Eldridge, Ashby and Kerry 2006): variance relative to randomising clients.

    Parameters
    ----------
    sizes : ndarray of shape (clusters,)
        Clients per cluster, with mean m̄ and coefficient of variation cv.
    icc : float
    """
    return float(1 + ((np.var(sizes) / sizes.mean() ** 2 + 1) * sizes.mean() - 1) * icc)

"""Seeded, criteria-constrained k-means and what its clusters say of each client.

Seeding by examples follows Basu, Banerjee and Mooney (2002), "Semi-supervised clustering by
seeding"; the examples are the clients that the criteria fit best. Plain k-means walks away from its
seeds (it splits the largest group and merges the small ones), so the space gets one more
coordinate per portrait — the criteria's probability, times a pull — which keeps cluster i the
cluster of portrait i and still lets the metrics decide for whom the criteria leave open.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

PULL = 1.6
"""Length of a criteria coordinate per square root of the number of metric columns. Below 1 the
clusters drift, above 1.5 the result hardly changes (see the synthetic tests)."""

MIN_SEED_CLIENTS = 1.0
"""Weight of fitting clients under which a portrait gets no cluster."""

MIN_VARIANCE = 0.05
"""Floor of a cluster's variance in a column, in units of the population's."""

FAR_QUANTILE = 0.01
"""A client less likely than this share of the clients in their own cluster is far away."""


@dataclass(frozen=True)
class Clusters:
    """Fitted clusters; cluster i grew from the seed of portrait i.

    Attributes
    ----------
    portraits : ndarray of int
        Portraits that have a cluster, in the order of `model`.
    model : sklearn.cluster.KMeans
        In the space of metrics and criteria coordinates.
    centres, variances : ndarrays of shape (k, columns)
        Of the members in the metric columns; meaningless for portraits without a cluster.
    link : ndarray of shape (k, k)
        Probability of cluster i for a client of portrait j by the criteria; columns of portraits add up to 1.
    temper : float
        Effective number of independent columns / number of columns, in (0, 1]: the columns repeat
        each other, so their log-likelihood is not added up in full.
    far : float
        Log-likelihood per known column below which a client is far from everything.
    """

    portraits: np.ndarray
    model: KMeans
    centres: np.ndarray
    variances: np.ndarray
    link: np.ndarray
    temper: float
    far: float


def fit(points: np.ndarray, is_known: np.ndarray, prior: np.ndarray, seed: int) -> Clusters | None:
    """K-means started at the portraits' seeds; None when no portrait has fitting clients.

    Parameters
    ----------
    points, is_known : ndarrays of shape (clients, columns)
        Scaled metrics (0 where missing), and whether they are known.
    prior : ndarray of shape (clients, k)
        Probability of each portrait by the criteria.
    seed : int
    """
    portraits = np.flatnonzero(prior.sum(axis=0) >= MIN_SEED_CLIENTS)
    if len(portraits) == 0:
        return None
    space = _pulled(points, prior)
    best = prior[:, portraits] ** 2
    seeds = (best.T @ space) / best.sum(axis=0)[:, None]
    model = KMeans(n_clusters=len(portraits), init=seeds, n_init=1, random_state=seed).fit(space)
    label = portraits[model.labels_]
    member = np.eye(prior.shape[1])[label]
    centres, variances = _moments(points, is_known, member)
    residual = np.where(is_known, points - centres[label], 0.0)
    per_column = np.where(is_known, residual**2 / variances[label] + np.log(variances[label]), 0.0).sum(axis=1)
    per_column *= -0.5 / np.maximum(is_known.sum(axis=1), 1)
    return Clusters(
        portraits=portraits,
        model=model,
        centres=centres,
        variances=variances,
        link=(member.T @ prior) / np.maximum(prior.sum(axis=0), 1e-12),
        temper=_effective_share(residual / np.sqrt(variances[label])),
        far=float(np.quantile(per_column, FAR_QUANTILE)),
    )


def nearest(clusters: Clusters, points: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Index of the portrait whose cluster is nearest, shape (clients,)."""
    return clusters.portraits[clusters.model.predict(_pulled(points, prior))]


def log_likelihood(clusters: Clusters, points: np.ndarray, is_known: np.ndarray, power: float) -> np.ndarray:
    """Tempered log-likelihood over the known columns, shape (clients, k + 1).

    A portrait is a mixture of the clusters, weighted by where the criteria see its clients: mostly its own, and where
    the criteria cannot tell portraits apart, the clusters that grew from them cannot either. The last column is the
    likelihood of a client far from everything; a portrait without clients is as likely as that.

    Parameters
    ----------
    clusters : Clusters
    points, is_known : ndarrays of shape (clients, columns)
    power : float
        Weight of the likelihood against the prior, beside the `temper` of the columns.
    """
    known = is_known.astype(np.float64)
    precision = 1.0 / clusters.variances
    weighted = clusters.centres * precision
    distance = (points**2 * known) @ precision.T - 2 * (points * known) @ weighted.T
    distance += known @ (clusters.centres * weighted - np.log(precision)).T
    far = (clusters.far * known.sum(axis=1))[:, None]
    scale = power * clusters.temper
    likelihood = np.tile(scale * far, clusters.link.shape[1] + 1)
    used = clusters.portraits
    shift = (-0.5 * distance[:, used]).max(axis=1, keepdims=True)
    by_cluster = np.exp(scale * (-0.5 * distance[:, used] - shift))
    mixed = by_cluster @ clusters.link[np.ix_(used, used)]
    likelihood[:, used] = scale * shift + np.log(np.maximum(mixed, 1e-300))
    return likelihood


def _pulled(points: np.ndarray, prior: np.ndarray) -> np.ndarray:
    return np.hstack([points, PULL * np.sqrt(points.shape[1]) * prior])


def _moments(points: np.ndarray, is_known: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances of the members over known values, shrunk to the pooled variance."""
    size = member.T @ is_known
    centres = (member.T @ (points * is_known)) / np.maximum(size, 1e-12)
    second = (member.T @ (points**2 * is_known)) / np.maximum(size, 1e-12)
    variances = np.maximum(second - centres**2, 0.0)
    pooled = (variances * size).sum(axis=0) / np.maximum(size.sum(axis=0), 1e-12)
    pseudo = float(points.shape[1])
    variances = (variances * size + pooled * pseudo) / (size + pseudo)
    return centres, np.maximum(variances, MIN_VARIANCE)


def _effective_share(residual: np.ndarray) -> float:
    """Participation ratio of the correlation's eigenvalues / number of columns."""
    spread = residual.std(axis=0)
    usable = residual[:, spread > 1e-9] / spread[spread > 1e-9]
    if usable.shape[1] < 2:
        return 1.0
    eigenvalues = np.linalg.eigvalsh(np.cov(usable, rowvar=False))
    effective = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    return float(effective / residual.shape[1])

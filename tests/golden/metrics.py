"""Scores of two sets of features by NumPy, SciPy and scikit-learn, as metrics.safetensors.

    pip install numpy scipy scikit-learn safetensors
    python metrics.py

Fréchet distance: the matrix root is SciPy's `sqrtm`. Kernel distance: scikit-learn's
`polynomial_kernel`, all pairs. Precision, recall, density, coverage: scikit-learn's
`NearestNeighbors`, and its `pairwise_distances`. Divergence of labels: SciPy's `entropy`.
"""

import json
from pathlib import Path

import numpy
from safetensors.numpy import save_file
from scipy.linalg import sqrtm
from scipy.stats import entropy
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors

NEAREST = 5
CLASSES = 7


def frechet_distance(a, b):
    root = sqrtm(numpy.cov(a, rowvar=False) @ numpy.cov(b, rowvar=False)).real
    trace = numpy.trace(numpy.cov(a, rowvar=False) + numpy.cov(b, rowvar=False) - 2 * root)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + trace)


def kernel_distance(a, b):
    def within(x):
        kernel = polynomial_kernel(x, degree=3, gamma=1 / x.shape[1], coef0=1)
        return (kernel.sum() - numpy.trace(kernel)) / (len(x) * (len(x) - 1))

    across = polynomial_kernel(a, b, degree=3, gamma=1 / a.shape[1], coef0=1).mean()
    return float(within(a) + within(b) - 2 * across)


def radii(x):
    """The distance to the fifth nearest other; each is its own nearest."""
    neighbours = NearestNeighbors(n_neighbors=NEAREST + 1).fit(x)
    return neighbours.kneighbors(x)[0][:, NEAREST]


def neighbourhoods(reals, fakes):
    distances = pairwise_distances(reals, fakes)
    in_real = distances < radii(reals)[:, None]
    in_fake = distances < radii(fakes)[None, :]
    return {
        "precision": float(in_real.any(0).mean()),
        "recall": float(in_fake.any(1).mean()),
        "density": float(in_real.sum(0).mean() / NEAREST),
        "coverage": float((distances.min(1) < radii(reals)).mean()),
    }


def label_kl(reals, fakes):
    shares = [numpy.bincount(labels, minlength=CLASSES) for labels in (fakes, reals)]
    return float(entropy(*shares))


def features(random, count, centres, spread):
    """Clusters, as features of classes are."""
    labels = random.choice(len(centres), count, p=spread)
    noise = random.normal(size=(count, centres.shape[1])) * 0.6
    return (centres[labels] + noise).astype(numpy.float32), labels.astype(numpy.int32)


def main():
    random = numpy.random.default_rng(20240611)
    centres = random.normal(size=(CLASSES, 12)) * 1.5
    even = numpy.full(CLASSES, 1 / CLASSES)
    reals, real_labels = features(random, 301, centres, even)
    uneven = numpy.array([5, 4, 3, 2, 1, 1, 0]) / 16
    fakes, fake_labels = features(random, 257, centres + random.normal(size=centres.shape) * 0.2, uneven)
    scores = {}
    a, b = reals.astype(numpy.float64), fakes.astype(numpy.float64)
    scores["fd"] = frechet_distance(a, b)
    scores["kid"] = kernel_distance(a, b)
    scores |= neighbourhoods(a, b)
    scores["modes"] = len(set(fake_labels.tolist()))
    scores["label_kl"] = label_kl(real_labels, fake_labels)
    tensors = {
        "reals": reals,
        "fakes": fakes,
        "real_labels": real_labels,
        "fake_labels": fake_labels,
    }
    path = Path(__file__).with_name("metrics.safetensors")
    save_file(tensors, path, {"scores": json.dumps(scores)})
    print(json.dumps(scores, indent=2))


if __name__ == "__main__":
    main()

"""Effects given as they are."""

MEASURES = ("GEN", "HR", "HD")
FIXED = {
    "plain": {"yi": [0.1, -0.2, 0.0], "vi": [0.01, 0.5, 2.0]},
    "standard errors": {"yi": [0.1, 1e8], "sei": [0.01, 1e-8]},
}


def random_columns(rng, k):
    return {"yi": rng.normal(size=k) * 10.0 ** rng.integers(-8, 8), "vi": rng.uniform(1e-9, 1e9, k)}

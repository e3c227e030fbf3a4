"""Numbers of a loss in its formula."""


def listed(values: tuple[float, ...], most: int = 10) -> str:
    """The first ``most`` numbers, then dots: a weight for each of 1000 classes is long.

    >>> listed((0.5, 2.0)), listed((1.0,) * 12, most=2)
    ('(0.5, 2)', '(1, 1, ...)')
    """
    words = [f"{value:g}" for value in values[:most]]
    return f"({', '.join([*words, '...'] if len(values) > most else words)})"

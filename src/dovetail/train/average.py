"""A moving average of the weights, which anneals a run at whatever point it ends.

    decay(t) = min(0.999, t / (9 + t))   average <- decay average + (1 - decay) w

after step t = 1, 2, ... The window is about a tenth of the steps so far, at most a
thousand. So the best epoch may come anywhere in the schedule, also where the learning
rate is still large.
Sources: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging",
1992; Tarvainen and Valpola, "Mean teachers are better role models", 2017.
"""

LONGEST = 0.999


def taken_in(step: int) -> float:
    """1 - decay: the share of the new weights in the average after this step.

    >>> [round(taken_in(t), 3) for t in (1, 11, 10**6)]
    [0.9, 0.45, 0.001]
    """
    return 1 - min(LONGEST, step / (9 + step))

"""Nothing of this is torch: names only look like it."""


class Optimizer:
    def __init__(self):
        self.n = 0

    def step(self):
        self.n += 1


class Graph:
    def __init__(self):
        self.edges = []

    def backward(self):
        return [(b, a) for a, b in self.edges]


def softmax(xs):
    m = max(xs)
    return [x - m for x in xs]


def cross_entropy(p, q):
    return -sum(a * b for a, b in zip(p, q))


def run(graph):
    optimizer = Optimizer()
    total_loss = 0
    for _ in range(10):
        loss = cross_entropy(softmax([1, 2]), [0, 1])
        graph.backward()
        optimizer.step()
        total_loss += loss
    return total_loss

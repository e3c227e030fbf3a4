"""Loops as people write them, looked on while they run."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

import dovetail.doctor
from dovetail.diagnose.watching import Watch
from dovetail.errors import DovetailWarning, UsageError
from tests.diagnose.programs import Cut, Listed, mlp, moody

torch.manual_seed(7)
X = torch.randn(16, 6)
Y = torch.arange(16) % 3
YES = (torch.arange(16) % 2).float().unsqueeze(1)
NUMBER = torch.randn(16, 1)
CE, MSE, LOGITS = nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss()
Body = Callable[[nn.Module, Optimizer], Any]


def watched(
    body: Body,
    model: nn.Module | None = None,
    optimizer: Optimizer | None = None,
    *,
    loss: Any = CE,
    rounds: int = 4,
) -> list[str]:
    model = moody(3) if model is None else model
    if optimizer is None:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with dovetail.doctor.watch(model, loss) as seen:
            for _ in range(rounds):
                body(model, optimizer)
    assert hooks(model) == 0
    return [finding.rule for finding in seen.findings]


def hooks(model: nn.Module) -> int:
    """All that could have been left behind."""
    from torch.optim import optimizer as module

    own = sum(
        len(m._forward_hooks) + len(m._forward_pre_hooks)
        for root in (model, CE, MSE)
        for m in root.modules()
    )
    own += sum(len(p._post_accumulate_grad_hooks or ()) for p in model.parameters())
    everywhere = module._global_optimizer_pre_hooks, module._global_optimizer_post_hooks
    modes = torch.overrides._get_current_function_mode_stack()
    return own + sum(map(len, everywhere)) + len(modes)


def right(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    CE(model(X), Y).backward()
    optimizer.step()


def cleared_at_the_end(model: nn.Module, optimizer: Optimizer) -> None:
    CE(model(X), Y).backward()
    optimizer.step()
    optimizer.zero_grad()


def filled_with_zeros(model: nn.Module, optimizer: Optimizer) -> None:
    CE(model(X), Y).backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)


def on_the_module(model: nn.Module, optimizer: Optimizer) -> None:
    model.zero_grad()
    CE(model(X), Y).backward()
    optimizer.step()


def set_to_none(model: nn.Module, optimizer: Optimizer) -> None:
    for p in model.parameters():
        p.grad = None
    CE(model(X), Y).backward()
    optimizer.step()


def accumulated(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad(set_to_none=False)
    for _ in range(3):
        (CE(model(X), Y) / 3).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()


def computed_apart(model: nn.Module, optimizer: Optimizer) -> None:
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(CE(model(X), Y), parameters)
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = g
    optimizer.step()


def by_hand(model: nn.Module, optimizer: Optimizer) -> None:
    model.zero_grad()
    CE(model(X), Y).backward()
    with torch.no_grad():
        for p in model.parameters():
            assert p.grad is not None
            p -= 0.1 * p.grad


def with_closure(model: nn.Module, optimizer: Optimizer) -> None:
    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = CE(model(X), Y)
        loss.backward()
        return loss

    optimizer.step(closure)


def evaluated(model: nn.Module, optimizer: Optimizer) -> None:
    model.train()
    right(model, optimizer)
    model.eval()
    with torch.no_grad():
        for part in X.split(8):
            model(part)


def drawn_many_times(model: nn.Module, optimizer: Optimizer) -> None:
    right(model, optimizer)
    with torch.no_grad():  # Monte Carlo dropout
        for _ in range(5):
            model(X)


def attacked(model: nn.Module, optimizer: Optimizer) -> None:
    """Adversarial examples are made in evaluation mode, then trained on."""
    model.eval()
    x = X.clone().requires_grad_()
    (slope,) = torch.autograd.grad(CE(model(x), Y), x)
    model.train()
    optimizer.zero_grad()
    CE(model(X + 0.1 * slope.sign()), Y).backward()
    optimizer.step()


def shown(model: nn.Module, optimizer: Optimizer) -> None:
    """Softmax for a progress bar only."""
    optimizer.zero_grad()
    scores = model(X)
    CE(scores, Y).backward()
    optimizer.step()
    with torch.no_grad():
        F.nll_loss(scores.softmax(1).log(), Y)


RIGHT: list[Body] = [
    right,
    cleared_at_the_end,
    filled_with_zeros,
    on_the_module,
    set_to_none,
    accumulated,
    computed_apart,
    by_hand,
    with_closure,
    evaluated,
    drawn_many_times,
    attacked,
    shown,
]


@pytest.mark.parametrize("body", RIGHT, ids=lambda body: body.__name__)
@pytest.mark.parametrize("given", [True, False], ids=["loss given", "loss not given"])
def test_right_loop(body: Body, given: bool) -> None:
    assert watched(body, loss=CE if given else None) == []


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD])
def test_right_loop_of_other_optimizers(kind: Any) -> None:
    model = moody(3)
    assert watched(right, model, kind(model.parameters(), lr=0.01)) == []
    assert watched(accumulated, model, kind(model.parameters(), lr=0.01)) == []


def test_a_generator_whose_judge_also_sends_it_gradients() -> None:
    generator, judge = moody(6), mlp(1)
    other = torch.optim.Adam(judge.parameters())
    real, fake = torch.ones(16, 1), torch.zeros(16, 1)

    def body(model: nn.Module, optimizer: Optimizer) -> None:
        other.zero_grad()
        drawn = model(X)  # not detached
        (LOGITS(judge(X), real) + LOGITS(judge(drawn), fake)).backward()
        other.step()
        optimizer.zero_grad()
        LOGITS(judge(model(X)), real).backward()
        optimizer.step()

    def critic(model: nn.Module, optimizer: Optimizer) -> None:
        for _ in range(5):
            with torch.no_grad():  # in training mode, as usual
                drawn = model(torch.randn(16, 6))
            other.zero_grad()
            (LOGITS(judge(X), real) + LOGITS(judge(drawn), fake)).backward()
            other.step()
        optimizer.zero_grad()
        LOGITS(judge(model(X)), real).backward()
        optimizer.step()

    assert watched(body, generator, loss=LOGITS) == []
    assert watched(critic, generator, loss=None) == []


def test_statistics_estimated_anew() -> None:
    model = moody(3)

    def body(net: nn.Module, optimizer: Optimizer) -> None:
        right(net, optimizer)
        torch.optim.swa_utils.update_bn([X[:8], X[8:]], net)

    assert watched(body, model) == []


def not_cleared(model: nn.Module, optimizer: Optimizer) -> None:
    CE(model(X), Y).backward()
    optimizer.step()


def cleared_between(model: nn.Module, optimizer: Optimizer) -> None:
    loss = CE(model(X), Y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()


def zeroed_between(model: nn.Module, optimizer: Optimizer) -> None:
    loss = CE(model(X), Y)
    loss.backward()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()


def step_first(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    loss = CE(model(X), Y)
    optimizer.step()
    loss.backward()


def step_first_cleared_last(model: nn.Module, optimizer: Optimizer) -> None:
    loss = CE(model(X), Y)
    optimizer.step()
    loss.backward()
    optimizer.zero_grad()


def made_anew(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    torch.tensor(CE(model(X), Y).item(), requires_grad=True).backward()
    optimizer.step()


def never_evaluating(model: nn.Module, optimizer: Optimizer) -> None:
    model.train()
    right(model, optimizer)
    with torch.no_grad():
        for part in X.split(8):
            model(part)


def scored_in_training_mode(model: nn.Module, optimizer: Optimizer) -> None:
    right(model, optimizer)
    with torch.no_grad():
        CE(model(X[:8]), Y[:8])


def never_back(model: nn.Module, optimizer: Optimizer) -> None:
    right(model, optimizer)
    model.eval()
    with torch.no_grad():
        model(X)


def softmaxed(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    CE(model(X).softmax(1), Y).backward()
    optimizer.step()


def broadcast(model: nn.Module, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    F.l1_loss(model(X)[:, :1], Y.float()).backward()
    optimizer.step()


WRONG: dict[str, list[Body]] = {
    "missing-zero-grad": [not_cleared],
    "zero-grad-before-step": [cleared_between, zeroed_between],
    "step-before-backward": [step_first, step_first_cleared_last],
    "loss-detached": [made_anew],
    "missing-eval-mode": [never_evaluating, scored_in_training_mode],
    "missing-train-mode": [never_back],
    "softmax-before-cross-entropy": [softmaxed],
    "target-shape-broadcast": [broadcast],
}
CASES = [(rule, body) for rule, bodies in WRONG.items() for body in bodies]


@pytest.mark.parametrize(("rule", "body"), CASES)
def test_wrong_loop(rule: str, body: Body) -> None:
    assert watched(body) == [rule]
    assert watched(body, loss=None, rounds=3) == [rule]


def test_steps_that_change_nothing() -> None:
    model = mlp(3)
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    assert watched(right, model, still) == ["step-changes-nothing"]


def test_a_layer_no_optimizer_holds() -> None:
    model = mlp(3)
    some = torch.optim.SGD(model[2].parameters(), lr=0.1)
    assert watched(right, model, some) == ["optimizer-misses-parameters"]
    other = torch.optim.SGD(model[0].parameters(), lr=0.1)

    def both(net: nn.Module, optimizer: Optimizer) -> None:
        other.zero_grad()
        right(net, optimizer)
        other.step()

    assert watched(both, model, some) == []


def test_layers_in_a_list() -> None:
    assert watched(right, Listed()) == ["unregistered-parameters"]


def test_a_part_that_is_cut_off() -> None:
    assert watched(right, Cut("detach")) == ["no-gradient-to-parameters"]
    assert watched(right, Cut("numpy")) == ["no-gradient-to-parameters"]


def test_a_part_that_is_not_used_is_no_finding_in_a_loop() -> None:
    assert watched(right, Cut("unused")) == []  # a pooled vector, a head for later


def test_a_loss_written_by_hand() -> None:
    class Squares(nn.Module):
        def forward(self, z: Tensor, y: Tensor) -> Tensor:
            return ((z - y) ** 2).mean()

    loss = Squares()

    def body(model: nn.Module, optimizer: Optimizer) -> None:
        optimizer.zero_grad()
        loss(model(X), NUMBER[:, 0]).backward()
        optimizer.step()

    assert watched(body, mlp(1), loss=loss) == ["target-shape-broadcast"]


def test_one_batch_by_chance_is_no_finding() -> None:
    # Sums of 1 in one batch of two, without a softmax before them.
    share = torch.full((16, 3), 1 / 3)
    batches = iter([share, share * 3])

    class Shares(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x: Tensor) -> Tensor:
            return self.scale * x

    def body(model: nn.Module, optimizer: Optimizer) -> None:
        optimizer.zero_grad()
        CE(model(next(batches)), Y).backward()

    model = Shares()
    assert watched(body, model, rounds=2) == []
    batches = iter([share, share])
    assert watched(body, model, rounds=2) == ["softmax-before-cross-entropy"]


def test_every_hook_goes_also_after_an_error() -> None:
    model = moody(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(KeyError), dovetail.doctor.watch(model, CE) as seen:  # noqa: PT012
        right(model, optimizer)
        assert hooks(model) > 0
        raise KeyError("user")
    assert hooks(model) == 0
    assert seen.findings == []


def test_an_error_that_a_rule_explains_gets_a_note() -> None:
    model = mlp(3)
    with pytest.raises(IndexError) as caught, dovetail.doctor.watch(model, CE) as seen:
        CE(model(X), Y + 1)
    assert [f.rule for f in seen.findings] == ["labels-start-at-one"]
    assert "DT206 labels-start-at-one" in caught.value.__notes__[0]
    with pytest.raises(RuntimeError) as caught, dovetail.doctor.watch(model) as seen:
        CE(model(X).detach(), Y).backward()
    assert [f.rule for f in seen.findings] == ["loss-detached"]


def test_it_warns_at_the_end() -> None:
    model = mlp(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    seen = dovetail.doctor.watch(model, CE, optimizer)
    seen.start()
    for _ in range(4):
        not_cleared(model, optimizer)
    seen.stop()
    with pytest.warns(DovetailWarning, match="DT401 missing-zero-grad: In 3 of 4"):
        seen.end()
    assert hooks(model) == 0


def test_nothing_is_computed_otherwise() -> None:
    def trained(*, looked_at: bool) -> list[Tensor]:
        torch.manual_seed(0)
        model = moody(3)
        optimizer = torch.optim.Adam(model.parameters())
        watch = Watch(model, CE, optimizer)
        for _ in range(5):
            if looked_at:
                watch.start()
            right(model, optimizer)
            if looked_at:
                watch.stop()
        assert watch.end() == []
        return [*model.parameters(), *model.buffers()]

    pairs = zip(trained(looked_at=False), trained(looked_at=True), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_it_holds_no_graph() -> None:
    import gc
    import weakref

    model = mlp(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with dovetail.doctor.watch(model) as seen:
        alive = []
        for _ in range(4):
            optimizer.zero_grad()
            scores = model(X)
            alive.append(weakref.ref(scores))
            CE(scores, Y).backward()
            optimizer.step()
            del scores
        gc.collect()
        assert [ref() for ref in alive] == [None] * 4
    assert seen.findings == []


def test_only_a_module_is_watched() -> None:
    with pytest.raises(UsageError, match="needs an nn"):
        dovetail.doctor.watch(lambda x: x)  # type: ignore[arg-type]


def test_the_doctor_loads_no_torch_until_it_is_asked() -> None:
    import subprocess
    import sys

    code = "import sys, dovetail.doctor; assert 'torch' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr

"""The layers that the tests run: corner cases by name, and random ones whose axes all differ."""

from __future__ import annotations

import random

from oracle import Problem

CHANNELS = [1, 3, 5, 7, 13, 17, 31, 33]


def problem(kind="conv", batch=2, channels=(3, 5), input=(7,), kernel=(3,), stride=1, dilation=1, begin=0, end=0,
            output_padding=0, groups=1, **options) -> Problem:
    def axes(value):
        return [value] * len(input) if isinstance(value, int) else list(value)

    return Problem(kind, batch, *channels, list(input), list(kernel), axes(stride), axes(dilation), axes(begin),
                   axes(end), axes(output_padding), groups, options)


CORNERS = {
    "article": problem(batch=1, channels=(1, 1), input=(9, 9), kernel=(3, 3), stride=3),
    "article, same size": problem(batch=1, channels=(1, 1), input=(9, 9), kernel=(3, 3), begin=1, end=1),
    "1x1": problem(input=(5, 6), kernel=(1, 1), channels=(7, 13)),
    "all axes differ": problem(input=(9, 8, 7), kernel=(2, 3, 1), stride=(1, 2, 3), dilation=(2, 1, 3), begin=(0, 1, 2), end=(1, 0, 3)),
    "stride larger than kernel": problem(input=(11, 10), kernel=(2, 1), stride=(3, 4)),
    "rows that no window reaches": problem(input=(10, 12), kernel=(3, 3), stride=(3, 5)),
    "gcd of stride and dilation": problem(input=(17, 19), kernel=(3, 2), stride=(4, 6), dilation=(2, 3), begin=(3, 4), end=(1, 2)),
    "kernel larger than input": problem(input=(2, 3), kernel=(5, 7), begin=(2, 3), end=(2, 2)),
    "only padding in some windows": problem(input=(3, 2), kernel=(2, 2), begin=(4, 3), end=(3, 5)),
    "negative pads": problem(input=(9, 10), kernel=(3, 2), begin=(-1, -2), end=(-2, 1)),
    "depthwise": problem(channels=(6, 6), groups=6, input=(7, 5), kernel=(3, 3), begin=1, end=1),
    "depthwise, two each": problem(channels=(5, 10), groups=5, input=(7, 5), kernel=(3, 3), stride=2, begin=1, end=1),
    "groups": problem(channels=(6, 9), groups=3, input=(7, 5), kernel=(2, 3)),
    "batch 0": problem(batch=0, input=(7, 5), kernel=(3, 3)),
    "long kernel": problem(channels=(1, 2), batch=1, input=(700,), kernel=(513,), dilation=1),
    "deconv": problem("deconv", input=(4, 5), kernel=(3, 2), stride=(2, 3)),
    "deconv, groups": problem("deconv", channels=(6, 9), groups=3, input=(4, 5), kernel=(3, 2), stride=(2, 3), begin=(1, 0), end=(0, 1)),
    "deconv, depthwise": problem("deconv", channels=(4, 4), groups=4, input=(4, 5), kernel=(4, 4), stride=2, begin=1, end=1),
    "deconv, output padding": problem("deconv", input=(4, 5), kernel=(2, 3), stride=(2, 3), output_padding=(1, 5)),
    "deconv, negative pads": problem("deconv", input=(4, 5), kernel=(2, 3), stride=(2, 1), begin=(-2, -1), end=(-1, 0)),
    "deconv, phases without taps": problem("deconv", input=(5, 4), kernel=(2, 2), stride=(3, 4), dilation=(1, 2)),
    "deconv, gcd": problem("deconv", input=(5, 6), kernel=(3, 2), stride=(4, 6), dilation=(2, 3), begin=(3, 4), end=(1, 2)),
    "deconv, crops to one": problem("deconv", input=(3, 3), kernel=(3, 3), begin=2, end=2),
    "deconv, batch 0": problem("deconv", batch=0, input=(4, 5), kernel=(3, 2)),
}
for width in range(1, 10):
    CORNERS[f"width {width}"] = problem(batch=1, input=(2, width), kernel=(2, 3), begin=1, end=1)
for channels in CHANNELS:
    CORNERS[f"{channels} channels"] = problem(batch=1, channels=(channels, 34 - channels), input=(4, 5), kernel=(2, 3))


def random_problems(count: int, seed: int = 1) -> dict[str, Problem]:
    """Legal layers of both kinds and all ranks, axes drawn apart from each other."""
    draw = random.Random(seed)
    found: dict[str, Problem] = {}
    while len(found) < count:
        rank = draw.choice([1, 2, 2, 3])
        groups = draw.choice([1, 1, 2, 3])
        share = [1, 2, 3] if groups > 1 else CHANNELS if rank < 3 else CHANNELS[:5]

        def axes(values):
            return [draw.choice(values) for _ in range(rank)]

        candidate = Problem(
            draw.choice(["conv", "deconv"]), draw.choice([1, 2, 3]), groups * draw.choice(share), groups * draw.choice(share),
            axes(range(1, 10)), axes(range(1, 5)), axes([1, 1, 2, 3, 4]), axes([1, 1, 2, 3]),
            axes(range(-1, 4)), axes(range(-1, 4)), [0] * rank, groups)
        if candidate.kind == "deconv":
            candidate.output_padding = axes([0, 0, 1, 3])
        if legal(candidate):
            found[f"{len(found)} {name(candidate)}"] = candidate
    return found


def legal(p: Problem) -> bool:
    if p.kind == "deconv":
        return min(p.output) >= 1
    return all(i + b + e >= d * (k - 1) + 1 for i, b, e, d, k in zip(p.input, p.begin, p.end, p.dilation, p.kernel))


def name(p: Problem) -> str:
    def axes(letter, values):
        return letter + "x".join(map(str, values))

    return " ".join([p.kind, f"n{p.batch} c{p.in_channels}>{p.out_channels} g{p.groups}", axes("i", p.input), axes("k", p.kernel),
                     axes("s", p.stride), axes("d", p.dilation), axes("b", p.begin), axes("e", p.end), axes("o", p.output_padding)])


# name, arguments of every activation and rule
ACTIVATIONS = {
    "identity": dict(activation="identity"),
    "relu": dict(activation="relu"),
    "leaky_relu": dict(activation="leaky_relu", activation_alpha=0.125),
    "clip": dict(activation="clip", activation_alpha=-1.5, activation_beta=2.0),
    "sigmoid": dict(activation="sigmoid"),
    "tanh": dict(activation="tanh"),
    "elu": dict(activation="elu", activation_alpha=0.75),
}
RULES = {
    "deconvnet": dict(activation="relu", gradient_rule="deconvnet"),
    "guided": dict(activation="relu", gradient_rule="guided"),
}

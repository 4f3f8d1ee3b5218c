"""Gradients against differences of the forward pass, in float64."""

from __future__ import annotations

from typing import Any, Sequence

from ._plan import Plan


def gradcheck(kind: str, x_shape: Sequence[int], w_shape: Sequence[int], *, seed: int = 0, eps: float = 1e-6, atol: float = 1e-5,
              rtol: float = 1e-3, raise_exception: bool = True, **layer: Any) -> bool:
    """Whether dx, dw and db of a layer are the derivatives of its forward pass, element by element.

    kind, x_shape, w_shape and the other keywords are Plan's. Random data of this seed; the loss is sum(y * r) with random r; each
    element is moved by +-eps, and the difference quotient must be within atol + rtol * |quotient| of the gradient. Needs numpy,
    and two forward passes for each element of x, w and bias. Raises AssertionError where they differ, or returns False.

    The defaults are those of torch.autograd.gradcheck.
    """
    import numpy

    with Plan(kind, x_shape, w_shape, **{**layer, "dtype": "float64"}) as plan:
        random = numpy.random.default_rng(seed)
        tensors = {"x": random.standard_normal(plan.x_shape), "w": random.standard_normal(plan.w_shape), "bias": random.standard_normal(plan.bias_shape)}
        r = random.standard_normal(plan.y_shape)
        y = plan.forward(*tensors.values())
        dw, db = plan.backward_weights(tensors["x"], r, y=y)
        gradients = {"x": plan.backward_data(r, tensors["w"], y=y), "w": dw, "bias": db}

        for name, tensor in tensors.items():
            elements, gradient = tensor.reshape(-1), gradients[name].reshape(-1)
            for i, value in enumerate(elements.tolist()):
                losses = []
                for moved in (value + eps, value - eps):
                    elements[i] = moved
                    losses.append(float((plan.forward(*tensors.values()) * r).sum()))
                elements[i] = value
                quotient = (losses[0] - losses[1]) / (2 * eps)
                if not abs(gradient[i] - quotient) <= atol + rtol * abs(quotient):
                    if raise_exception:
                        where = tuple(map(int, numpy.unravel_index(i, tensor.shape)))
                        raise AssertionError(f"d{name}{where} is {gradient[i]}, and the difference quotient {quotient}")
                    return False
    return True

"""Automatic mixed precision reaches the faster convolutions."""

from __future__ import annotations

import copy

import torch
from fast_case import both, step

from hrnet_mm.fast import optimize


def test_automatic_mixed_precision():
    model, image = both().train(), torch.randn(2, 3, 64, 64)
    fast, results = optimize(copy.deepcopy(model)), []
    reference = step(copy.deepcopy(model).double(), [image.double()])[5:]
    reference = torch.cat([x.flatten() for x in reference])
    for net in (model, fast):
        with torch.autocast('cpu', torch.bfloat16):
            outputs = net(image)
            assert {x.dtype for x in outputs} == {torch.bfloat16}
        sum(x.float().square().mean() for x in outputs).backward()
        assert {p.grad.dtype for p in net.parameters()} == {torch.float32}
        gradient = torch.cat([p.grad.flatten() for p in net.parameters()])
        results.append(outputs[0].float())
        assert gradient.isfinite().all()
    scale = results[0].abs().max()
    assert (results[0] - results[1]).abs().max() < 0.1 * scale

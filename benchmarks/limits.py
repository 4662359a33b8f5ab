"""The limits of a machine are its rates of matrix products and of copies."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .measure import seconds


class Limits:
    """These limits are a machine's rates, sampled once in each round.

    Args:
        device: `'cpu'` or `'cuda'`.
        side: Rows and columns of the factors; None for a size that fills the machine.
    """

    def __init__(self, device: str, side: int | None = None) -> None:
        small = device == 'cpu' and torch.get_num_threads() <= 4
        side = side or (1024 if small else 4096 if device == 'cpu' else 8192)
        self.device, self.side = device, side
        self.products = [
            Product(name, *torch.randn(2, side, side, device=device).to(dtype))
            for name, dtype in (
                ('float32', torch.float32),
                ('bfloat16', torch.bfloat16),
            )
        ]
        # Far larger than the caches of most processors.
        self.from_, self.to = torch.zeros(2, 16 * side * side, device=device)
        # A GPU's float32 convolutions may use TF32: then the limit is TF32's.
        if device != 'cpu':
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32

    def sample(self) -> dict[str, float]:
        """Return operations or bytes (read and written) per second, by name."""
        rates = {
            product.name: 2 * self.side**3 / seconds(product, self.device)
            for product in self.products
        }
        copied = 2 * self.from_.nbytes
        rates['copy'] = copied / seconds(self.copy, self.device)
        return rates

    def copy(self) -> Tensor:
        """Copy one array to the other."""
        return self.to.copy_(self.from_)


@dataclass(frozen=True)
class Product:
    """A `Product` multiplies two square matrices when it is called."""

    name: str
    a: Tensor
    b: Tensor

    def __call__(self) -> Tensor:
        return self.a @ self.b

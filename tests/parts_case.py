"""Models made of parts that have nothing but some attributes."""

from torch import nn


class Part(nn.Module):
    """A module with some attributes."""

    def __init__(self, **attributes):
        super().__init__()
        for name, value in attributes.items():
            setattr(self, name, value)


def model(**parts) -> nn.Module:
    whole = nn.Module()
    for name, part in parts.items():
        setattr(whole, name, part)
    return whole

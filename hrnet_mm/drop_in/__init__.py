"""Import this, and HRNet, HRFPN and HRFuseScales of the toolboxes are ours.

    custom_imports = dict(imports=['hrnet_mm.drop_in'], allow_failed_imports=False)

Configs of mmdet, mmseg, mmpose and mmpretrain stay as they are, `type='HRNet'` and all.
Each toolbox keeps its own defaults: `for_mmdet`, `for_mmseg`, `for_mmpose` and
`for_mmpretrain` replace its classes right after it has registered them.
"""

from importlib import import_module
from importlib.util import find_spec

from ..toolboxes import TOOLBOXES


def switch(toolbox: str) -> None:
    """Let the registry of an installed toolbox use our classes under its names.

    A registry imports its modules when it is first asked for one. Ours comes last
    then; no toolbox is loaded before it is needed.
    """
    registry = import_module(f'{toolbox}.registry').MODELS
    location = f'{__name__}.for_{toolbox}'
    if registry._imported:
        import_module(location)
    elif location not in registry._locations:
        registry._locations.append(location)


for toolbox in TOOLBOXES:
    if find_spec(toolbox):
        switch(toolbox)

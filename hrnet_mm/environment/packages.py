"""The toolboxes: under which names they are imported, asked for and distributed."""

from __future__ import annotations

from typing import NamedTuple


class Toolbox(NamedTuple):
    """One of OpenMMLab's toolboxes.

    Attributes:
        module: Its import name, which is its scope in mmengine's registries too.
        extra: Under which `pip install 'hrnet_mm[...]'` has what it needs.
        requirement: Its own distribution, at the version that is tested.
        fork: The maintained fork's distribution of the same import name.
        extra_holds_it: Whether the extra brings the toolbox itself; one whose own
            requirements do not build comes by a second command, without them.
    """

    module: str
    extra: str
    requirement: str
    fork: str | None = None
    extra_holds_it: bool = True

    @property
    def commands(self) -> list[str]:
        """What a user types to install it."""
        commands = [f"pip install 'hrnet_mm[{self.extra}]'"]
        if not self.extra_holds_it:
            commands.append(f'pip install --no-deps {self.requirement}')
        return commands


TOOLBOXES = {
    toolbox.module: toolbox
    for toolbox in (
        Toolbox('mmdet', 'det', 'mmdet==3.3.0', 'onedl-mmdetection'),
        Toolbox('mmseg', 'seg', 'mmsegmentation==1.2.2', 'onedl-mmsegmentation'),
        Toolbox('mmpose', 'pose', 'mmpose==1.3.2', extra_holds_it=False),
        Toolbox('mmpretrain', 'cls', 'mmpretrain==1.2.0', 'onedl-mmpretrain'),
    )
}

"""Environments that are made of empty packages: for what the doctor finds in them."""

from __future__ import annotations

from hrnet_mm.environment.survey import Survey


def make(folder, *distributions, modules=(), requires=None):
    """Put distributions, modules and requirements into a folder.

    Args:
        folder: For all of them.
        *distributions: As NAME==VERSION.
        modules: Import names.
        requires: What each distribution says that it requires.

    Returns:
        What the doctor sees there.
    """
    for each in distributions:
        name, _, version = each.partition('==')
        info = folder / f'{name.replace("-", "_")}-{version}.dist-info'
        info.mkdir()
        lines = ['Metadata-Version: 2.1', f'Name: {name}', f'Version: {version}']
        lines += [f'Requires-Dist: {r}' for r in (requires or {}).get(name, ())]
        (info / 'METADATA').write_text('\n'.join(lines))
    for module in modules:
        package = folder.joinpath(*module.split('.'))
        package.mkdir(parents=True)
        (package / '__init__.py').touch()
    return Survey([folder])

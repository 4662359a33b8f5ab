"""A checkpoint of any known form in the form of another code base."""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('convert'))

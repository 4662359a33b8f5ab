"""Parameters, multiply-adds and activations of any config, at any input size."""

import sys

from hrnet_mm.cli.main import tool

if __name__ == '__main__':
    sys.exit(tool('complexity'))

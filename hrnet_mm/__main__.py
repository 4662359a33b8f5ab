"""`python -m hrnet_mm` runs the command `hrnet`."""

import sys

from .cli.main import main

if __name__ == '__main__':
    sys.exit(main())

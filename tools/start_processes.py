"""Start processes by torchrun, and end as they do, without a traceback of torchrun's.

The processes have said what is wrong by then. torchrun.sh calls this.
"""

import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

try:
    main()
except ChildFailedError as error:
    failures = error.failures.items()
    for number, failure in failures:
        if failure.exitcode < 0:
            print(f'\nprocess {number} was ended by {failure.message}', file=sys.stderr)
    status = min(failure.exitcode for _, failure in failures)
    sys.exit(status if status >= 0 else 128 - status)
except SignalException as stop:
    sys.exit(128 + stop.sigval)

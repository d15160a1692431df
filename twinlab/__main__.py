"""``python -m twinlab``."""

import sys

from twinlab.cli import main

sys.exit(main())

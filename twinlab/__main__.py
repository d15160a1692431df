"""``python -m twinlab``."""

import sys

from twinlab.commands.cli import main

sys.exit(main())

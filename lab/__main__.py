"""``python -m lab``."""

import sys

from lab.commands import main

sys.exit(main())

"""``python -m lab``."""

import sys

from twinlab.supported import require_readable

require_readable()
# Only now: an older Python cannot read these modules.
from lab.commands import main  # noqa: E402

sys.exit(main())

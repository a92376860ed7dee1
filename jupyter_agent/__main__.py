"""`python -m jupyter_agent` is `jupyter agent`."""

import sys

from jupyter_agent.cli import main

sys.exit(main())

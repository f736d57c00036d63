"""Settings of the whole suite."""

import os

from hypothesis import settings

# Workers share the cores already. Read when torch is loaded, here and in processes of the tests.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine that is busy is no failure, and a failure is the same each time.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

"""Settings of the whole suite."""

from hypothesis import settings

# A machine that is busy is no failure, and a failure is the same each time.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

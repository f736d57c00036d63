"""Memory for decoded groups, used again once nobody refers to it."""

import sys
from threading import Lock

import numpy as np
import numpy.typing as npt

_OURS = 3  # references to an array that is looked at here: the list's, the loop's, the call's


class ReusedMemory:
    """Gives out memory, and takes back what everybody has dropped; threads may use it together.

    The system clears each page that a process touches for the first time, which takes as long
    as decoding into it; memory that is used again has been touched already.

    Args:
        kept: how many pieces are kept for the next who asks for as many bytes.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._arrays: list[npt.NDArray[np.uint8]] = []
        self._lock = Lock()

    def take(self, size: int) -> memoryview:
        """Writable bytes that nobody else has; they hold anything.

        They are the caller's for as long as anything refers to them, slices included.
        """
        with self._lock:
            for array in self._arrays:
                if array.size == size and sys.getrefcount(array) == _OURS:
                    return array.data
            made = np.empty(size, np.uint8)
            self._arrays = [made, *self._arrays[: self._kept - 1]]
            return made.data

"""Which encoding new tensors get."""

import logging
from functools import cache

from modelhub.pas import format as pack_format
from modelhub.pas.kernels import is_fast

_log = logging.getLogger(__name__)


@cache
def default_encoding() -> str:
    """`levels-rans`, but `planes-zstd` where its kernel is neither compiled nor asked for by name.

    That the compiled kernel is missing is said once.

    Raises:
        InputError: `DLV_KERNELS` names a kernel that is not here.
    """
    if is_fast():
        return pack_format.LEVELS_RANS
    _log.warning(
        "dlv: the compiled kernel is missing, so tensors take more space, and what others stored "
        "is read slowly; install modelhub-dlv again with a C++ compiler at hand"
    )
    return pack_format.PLANES_ZSTD

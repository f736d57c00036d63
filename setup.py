"""What is compiled; all else is said in pyproject.toml.

Without a compiler the package is installed without it, and works more slowly.
"""

import platform

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel

FLAGS = (
    ["/O2", "/std:c++17", "/fp:precise"]
    if platform.system() == "Windows"
    # Products and sums are rounded one by one, as Python does it.
    else ["-O3", "-std=c++17", "-ffp-contract=off"]
)
COMPILED = {
    "modelhub.pas.kernels._levels": "src/modelhub/pas/kernels/_levels.cpp",
    "modelhub.pas.plans.loops._plans": "src/modelhub/pas/plans/loops/_plans.cpp",
}


class Wheel(bdist_wheel):
    """One wheel serves Python 3.11 and all that follow."""

    def finalize_options(self) -> None:
        """Name the wheel for the stable interface of Python."""
        self.py_limited_api = "cp311"
        super().finalize_options()


setup(
    ext_modules=[
        Extension(
            name,
            [source],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=FLAGS,
            language="c++",
            optional=True,
            py_limited_api=True,
        )
        for name, source in COMPILED.items()
    ],
    cmdclass={"bdist_wheel": Wheel},
)

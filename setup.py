"""The compiled kernel; all else is said in pyproject.toml.

Without a compiler the package is installed without it, and works more slowly.
"""

import platform

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel

FLAGS = ["/O2", "/std:c++17"] if platform.system() == "Windows" else ["-O3", "-std=c++17"]


class Wheel(bdist_wheel):
    """One wheel serves Python 3.11 and all that follow."""

    def finalize_options(self) -> None:
        """Name the wheel for the stable interface of Python."""
        self.py_limited_api = "cp311"
        super().finalize_options()


setup(
    ext_modules=[
        Extension(
            "modelhub.pas.kernels._levels",
            ["src/modelhub/pas/kernels/_levels.cpp"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=FLAGS,
            language="c++",
            optional=True,
            py_limited_api=True,
        )
    ],
    cmdclass={"bdist_wheel": Wheel},
)

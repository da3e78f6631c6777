"""Print the Debian packages of the shared libraries that gmsh and PyVista miss on this machine.

Runs on any Python 3.8 or later, without the project's environment. Prints nothing if all are there.
"""

import ctypes

DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libGLU.so.1": "libglu1-mesa",
    "libXrender.so.1": "libxrender1",
    "libXcursor.so.1": "libxcursor1",
    "libXft.so.2": "libxft2",
    "libXinerama.so.1": "libxinerama1",
    "libEGL.so.1": "libegl1",
}


def is_missing(library):
    """Whether the dynamic loader does not find a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


if __name__ == "__main__":
    for library, package in DEBIAN_PACKAGES.items():
        if is_missing(library):
            print(package)

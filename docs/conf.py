"""The documentation site: ``make docs``. It needs no network, neither to build nor to read."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

import tusk.solver.backend  # noqa: F401  (before anything of DOLFINx or PETSc)

project = "Tusk"
author = "The Tusk developers"
copyright = author  # noqa: A001  (Sphinx's name for it)
version = release = installed("tusk-fem")

extensions = [
    "command_page",
    "docstrings",
    "mathml",
    "myst_parser",
    "repository_links",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_ext", "api/modules.rst"]
suppress_warnings = [
    "myst.header",  # config.md, which is generated, goes from models to sections of two levels
    "ref.python",  # a short name in a docstring that several modules have
]
myst_enable_extensions = ["deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
default_role = "py:obj"

# .ci/typing/tusk holds links to the four folders: there the namespace stands on disk.
apidoc_modules = [
    {
        "path": "../.ci/typing/tusk",
        "destination": "api",
        "implicit_namespaces": True,
        "follow_links": True,
        "separate_modules": True,
        "module_first": True,
        "max_depth": 3,
        "automodule_options": {"members", "show-inheritance"},
        "exclude_patterns": ["**/postprocess/paraview/state.py"],  # runs in ParaView's Python
    }
]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
autodoc_default_options = {"exclude-members": "chisquare"}  # SciPy's, which autodoc cannot read
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = "Tusk"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["schema.json"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_theme_options = {
    "icon_links": [],
    "navbar_align": "left",
    "show_nav_level": 1,
    "navigation_depth": 2,
    "collapse_navigation": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_context = {"default_mode": "light"}

linkcheck_anchors = False

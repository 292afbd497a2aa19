"""How `make docs` builds the site: Markdown pages, and a reference made from docstrings and from `--help`.

Nothing is fetched while it builds, and the pages ask nothing of any other site.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trends import __version__

project = "trends"
author = "The trends developers"
copyright = "The trends developers, Apache-2.0"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "reference_directives"]
exclude_patterns = ["pictures/README.md"]

myst_heading_anchors = 4
numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
# Docstrings put names and values between single backquotes; as roles these would all have to be targets.
default_role = "code"

nitpicky = True
# Other packages' types: a link to their pages would be a request to another site. Records of the core that a
# scaled study hands to the report have no page of their own.
nitpick_ignore_regex = [
    ("py:class", r"(pandas|numpy|go|pathlib|collections\.abc)\..*"),
    ("py:class", r"trends\.core\.(whole|files)\..*"),
]

linkcheck_ignore = [r"http://localhost", r"https://api\.openai\.com/"]  # endpoints of examples, no pages

html_theme = "furo"
html_title = f"trends {__version__}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["pages.css"]
pygments_style = "tango"
smartquotes = False  # "minilm" is to be typed as it stands

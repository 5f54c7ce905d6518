"Settings of Sphinx for the documentation site, see `make docs`."
from configparser import ConfigParser
from pathlib import Path
from docutils import nodes

settings = ConfigParser(interpolation=None)
settings.read(Path(__file__).parent.parent/"settings.ini", encoding="utf-8")
project = settings.defaults()["lib_name"]
author = settings.defaults()["author"]
release = settings.defaults()["version"]

extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx-mathjax-offline"]
exclude_patterns = ["files"]
nb_execution_mode = "off" # outputs are those that are committed
nb_ipywidgets_js = {} # the default loads scripts from a server
nb_render_markdown_format = "myst"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "fieldlist", "html_image"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
smartquotes = False # code stands in texts of the API too
add_module_names = False
maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["style.css"]
html_css_files = ["style.css"]
html_extra_path = ["_build/source/llms.txt"]
html_sidebars = {"index": [], "gallery": []}
html_copy_source = html_show_sourcelink = False
html_show_search_summary = False # it would fetch pages, which a browser refuses for pages that are files
html_context = {"default_mode": "auto"} # light or dark as the system is
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [], "footer_end": [],
    "show_toc_level": 2,
    "search_bar_text": "Search",
}

def dashes(app, doctree):
    "Sphinx writes `--` between a parameter and its comment, and leaves the dash to the smart quotes that are off."
    for text in [t for t in doctree.findall(nodes.Text) if t == " -- "]: text.parent.replace(text, nodes.Text(" – "))

def setup(app):
    "Called by Sphinx."
    app.connect("doctree-read", dashes)

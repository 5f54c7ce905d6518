"""Write the sources of the documentation site to docs/_build/source, from which Sphinx makes the pages.

    python docs/pages.py

The pages are the notebooks as they are committed (none is run), one API page for each module, a gallery of figures/
and llms.txt. Modules are read, not imported, so that nothing but Python is needed.
"""
import json, posixpath, re, shutil
from collections import Counter
from pathlib import Path
from api import Module, escape

root = Path(__file__).resolve().parent.parent
nbs, figures, out = root/"nbs", root/"figures", root/"docs"/"_build"/"source"
# The folders of nbs/, in the order in which the site shows them
GROUPS = "problems method engines evaluation runs studies figures tutorials benchmarks".split()
READING = ("A folder is a question, and its notebooks stand in the order of reading. Code with a bar in colour is part "
           "of the package; the rest are examples and checks.")
LINK = re.compile(r"(\]\(|\b(?:src|href)=\")(?!\w+:|/)([^)\"\s]+)")
WORD = re.compile(r"(?<![`\w}\[])`([\w.]+)`(?!`)") # one word in code font
BLOCK = re.compile(r"(?ms)(^[ ]*```.*?^[ ]*```|^#[^\n]*$)") # code blocks and headings
FIGURE = re.compile(r"save_(?:fig|sizes)\(.*?figure_path\(f?\"(\w+)")

def write(name, text):
    "Write one source file."
    (out/name).parent.mkdir(parents=True, exist_ok=True)
    (out/name).write_text(text, encoding="utf-8")

def address(link, folder):
    "Where a link of a notebook in `folder` leads on the site. Raises `SystemExit` where it leads nowhere."
    path, _, anchor = link.partition("#")
    anchor = "#"*bool(anchor) + re.sub(r"[^a-z0-9_-]", "", anchor.lower()) # Jupyter keeps capitals, the site does not
    if not path: return anchor
    full = posixpath.normpath(posixpath.join("nbs", folder, path))
    if not (root/full).exists(): raise SystemExit(f"nbs/{folder}: a link to {link}, which does not exist")
    if full.startswith("figures/"): return f"#figure-{Path(full).stem}" if full.endswith(".md") else f"/{full}"
    if full == "docs/walk.md": return "/walk.md" + anchor
    if full.startswith("nbs/"):
        return "/" + full.removeprefix("nbs/") + ("/index.md" if (root/full).is_dir() else "") + anchor
    (out/"files"/full).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(root/full, out/"files"/full)
    return f"path:/files/{full}"

def caption(figure):
    "The caption of a figure."
    return (figures/f"{figure}.md").read_text(encoding="utf-8").strip()

def shows(figure):
    "What a figure shows: its caption up to the first comma, colon, semicolon or full stop."
    return re.split(r"[,:;.](?:\s|$)", caption(figure))[0]

class Names:
    "What a word in code font means: the symbols and modules of the package."
    def __init__(self, modules):
        self.roles = {m.name: f"{{py:mod}}`{m.name}`" for m in modules}
        found = [(m.name, name) for m in modules for name in m.anchors]
        # a name of the command line means the command, or its settings, and no function
        several = Counter([name for _, name in found] + [name for module, name in found if module == "dail.cli"])
        self.roles |= {name: f"{{py:obj}}`{name} <{module}.{name}>`" for module, name in found if several[name] == 1}

    def link(self, text):
        "The same Markdown, with links from words in code font to the API; code blocks and headings stay as they are."
        role = lambda m: self.roles.get(m[1], m[0])
        return "".join(p if i % 2 else WORD.sub(role, p) for i, p in enumerate(BLOCK.split(text)))

class Notebook:
    "One notebook, as the site shows it."
    def __init__(self, path):
        self.page, self.folder = path.relative_to(nbs).as_posix(), path.relative_to(nbs).parent.as_posix()
        self.nb = json.loads(path.read_text(encoding="utf-8"))
        for c in self.nb["cells"]: c["source"] = "".join(c["source"])
        self.text = "\n".join(c["source"] for c in self.nb["cells"])
        drawn = FIGURE.findall(self.text) # a name that code completes ends in an underscore
        self.figures = [f.stem for f in sorted(figures.glob("*.png"))
                        if any(f.stem == n or n[-1] == "_" and f.stem.startswith(n) for n in drawn)]
        self.module = next(("dail." + m for m in re.findall(r"(?m)^#\| default_exp (\S+)", self.text)), None)
        if not (begin := re.search(r"(?m)^# (.+)\n+> (.+)", self.text)):
            raise SystemExit(f"nbs/{self.page}: no title with a subtitle, # and >, in its first cell of text")
        self.title, self.about = begin.groups()

    def source(self, names):
        "The notebook for Sphinx, without its hidden cells."
        self.heading, cells = self.title, []
        for c in self.nb["cells"]:
            flags = re.findall(r"(?m)^#\|\s*(.+)", c["source"]) if c["cell_type"] == "code" else []
            if any(f.split()[0] in ("hide", "default_exp") for f in flags): continue
            cells.append(self.code(c, flags) if c["cell_type"] == "code" else self.prose(c, names))
        return dict(self.nb, cells=cells)

    def prose(self, cell, names):
        "A cell of text; below the title stand the notebook and its module."
        text = cell["source"]
        self.heading = next(iter(re.findall(r"(?m)^#+ (.+)", BLOCK.sub("", text))), self.heading)
        if text.startswith("# ") and self.folder != ".":
            text += f"\n\n*Notebook* `nbs/{self.page}`" + (f" · *module* `{self.module}`" if self.module else "")
        return dict(cell, source=names.link(self.links(text)))

    def code(self, cell, flags):
        "A cell of code with its outputs: of a progress bar the last state, and for pictures a description."
        source = re.sub(r"(?m)^#\|\s*(exports?|echo)\b.*\n?", "", cell["source"])
        drawn = [f for f in FIGURE.findall(source) if f in self.figures]
        tags = ["remove-input"]*("echo: false" in flags) + ["exported"]*any(f.startswith("export") for f in flags)
        metadata = dict(tags=tags,
                        mystnb=dict(image=dict(alt=f"Figure: {shows(drawn[0]) if drawn else self.heading}")))
        return dict(cell, source=source, metadata=metadata, outputs=[self.output(o) for o in cell["outputs"]])

    def output(self, o):
        "An output of a cell."
        if "text" in o: return dict(o, text=re.sub(r"[^\n]*\r(?!\n)", "", "".join(o["text"])))
        text = "".join(o["data"].get("text/markdown", ""))
        return dict(o, data=o["data"] | ({"text/markdown": self.links(text)} if text else {}))

    def links(self, text):
        "Markdown with links as the site needs them."
        return LINK.sub(lambda m: m[1] + address(m[2], self.folder), text)

def gallery(notebooks):
    "The figures with their captions, under the notebooks that draw them."
    parts = ["# Gallery", "> Every figure that is kept, with its caption, under the notebook that draws it."]
    for nb in sorted((nb for nb in notebooks if nb.figures), key=lambda nb: nb.folder != "figures"):
        parts += [f"## {nb.title}", f"[{Path(nb.page).stem}](/{nb.page}): {nb.about}", "::::{container} gallery"]
        parts += [f":::{{figure}} /figures/{f}.png\n:name: figure-{f}\n:alt: {shows(f)}\n\n{escape(caption(f))}\n:::"
                  for f in nb.figures]
        parts.append("::::")
    missing = {f.stem for f in figures.glob("*.png")} - {f for nb in notebooks for f in nb.figures}
    if missing: raise SystemExit(f"no notebook draws these figures: {', '.join(sorted(missing))}")
    return "\n\n".join(parts)

def toctree(names):
    "Pages below this one, for the navigation."
    return "\n".join(["```{toctree}", ":hidden:", *(f"/{name}" for name in names), "```"])

def lines(pages):
    "A list of pages: (title, name, what it is about) of each."
    return "\n".join(f"- [{title}](/{name}): {about}" for title, name, about in pages)

def listing(title, about, pages):
    "A page that lists those below it."
    return f"# {title}\n\n> {about}\n\n{lines(pages)}\n\n{toctree(name for _, name, _ in pages)}\n"

def plain(title, pages):
    "A section of llms.txt."
    return f"## {title}\n\n" + lines(pages).replace("](/", "](").replace(".ipynb)", ".html)").replace(".md)", ".html)")

def main():
    "Write every source file."
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(figures, out/"figures", ignore=shutil.ignore_patterns("*.md"))
    shutil.copytree(root/"docs"/"screens", out/"screens")
    shutil.copy(root/"docs"/"walk.md", out)
    if lost := {p.parent.name for p in nbs.glob("[!._]*/*.ipynb")} - {*GROUPS}: raise SystemExit(f"GROUPS lacks {lost}")
    groups = {g: [Notebook(p) for p in sorted((nbs/g).glob("[!._]*.ipynb"))] for g in GROUPS}
    notebooks = [nb for found in groups.values() for nb in found]
    modules = [m for p in sorted((root/"dail").rglob("*.py")) if (m := Module(p, root)).public]
    index, names, source = Notebook(nbs/"index.ipynb"), Names(modules), {nb.module: nb for nb in notebooks}
    # the question that a folder answers, from the table of the front page
    asked = {g: q[0].upper() + q[1:] for g, q in re.findall(r"`nbs/(\w+)`\]\([^)]*\) \| ([^|]+?) \|", index.text)}
    sections = [(g.capitalize(), f"{g}/index.md", asked[g], [(nb.title, nb.page, nb.about) for nb in found])
                for g, found in groups.items()]
    api = [(m.name, f"api/{m.name}.md", m.about) for m in modules]
    for title, name, about, pages in sections: write(name, listing(title, about, pages))
    write("notebooks.md", "\n\n".join([f"# Notebooks\n\n> {READING}", toctree(name for _, name, *_ in sections),
                                       *(f"## {t}\n\n*{about}*\n\n{lines(pages)}" for t, _, about, pages in sections)]))
    write("api/index.md", listing("API", "Every public name, module by module.", api))
    write("gallery.md", gallery(notebooks))
    for m in modules: write(f"api/{m.name}.md", names.link(m.page(source[m.name].title, source[m.name].page)))
    for nb in notebooks: write(nb.page, json.dumps(nb.source(names)))
    front, below = index.source(names), toctree(["notebooks", "api/index", "gallery", "tutorials/00_glossary",
                                                   "tutorials/00_references", "walk"])
    front["cells"].append(dict(cell_type="markdown", id="contents", metadata={}, source=below))
    write(index.page, json.dumps(front))
    contents = [*((title, pages) for title, _, _, pages in sections), ("API", api)]
    write("llms.txt", "\n\n".join([f"# {index.title}\n\n> {index.about}", *(plain(*section) for section in contents),
                                   "## Figures\n\n- [Gallery](gallery.html): every figure with its caption\n"]))
    print(f"{len(notebooks) + 1} notebooks, {len(modules)} modules, {sum(len(nb.figures) for nb in notebooks)} figures")

if __name__ == "__main__": main()

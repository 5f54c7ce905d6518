"Write README.md from nbs/index.ipynb: hidden cells left out, links made relative to the repository's root."
import posixpath, re
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter

root = Path(__file__).resolve().parent.parent
index, readme = root/'nbs'/'index.ipynb', root/'README.md'
note = '<!-- Written by `make readme` from nbs/index.ipynb: edit the notebook, not this file. -->\n\n'
link = re.compile(r'(\]\(|\b(?:src|href)=")(?!\w+:|[#/])([^)"\s]+)')

def from_root(match):
    "A link as seen from nbs/, rewritten as seen from the root."
    return match[1] + posixpath.normpath(posixpath.join('nbs', match[2]))

def shown(cell):
    "A cell whose code is not to be seen (`#| echo: false`) as the text that it made; any other as it is."
    if cell.cell_type != 'code' or 'echo: false' not in cell.source: return cell
    return nbformat.v4.new_markdown_cell(''.join(o.data['text/markdown'] for o in cell.outputs))

def render():
    "The text of README.md."
    nb = nbformat.read(index, as_version=4)
    nb.metadata.language_info = {'name': 'python'}
    flags = lambda c: {l[2:].strip() for l in c.source.splitlines() if l.startswith('#|')} if c.cell_type == 'code' else set()
    nb.cells = [shown(c) for c in nb.cells if not flags(c) & {'hide'} and not any(f.startswith('default_exp') for f in flags(c))]
    for c in nb.cells:
        if c.cell_type == 'code': c.source = re.sub(r'(?m)^#\|.*\n?', '', c.source)
        else: c.source = link.sub(from_root, c.source)
    exporter = MarkdownExporter()
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    text, resources = exporter.from_notebook_node(nb)
    if resources.get('outputs'):
        raise SystemExit('nbs/index.ipynb: an output holds an image; link to a file of figures/ instead')
    return note + re.sub(r'\n{3,}', '\n\n', text).strip() + '\n'

if __name__ == '__main__':
    readme.write_text(render(), encoding='utf-8')
    print(f'{readme.name} written from {index.relative_to(root)}')

"""Checks that need no notebook to run; the working tree is read, never changed.

    python .ci/checks.py [clean] [export] [layers] [structure] [imports] [style] [docments] [version] [address] [wheel] [hygiene] [readme]

Each check returns its faults and a line for when there are none. The first check with a fault ends the run.
"""
import ast, re, shutil, subprocess, sys, tempfile
from collections import Counter
from configparser import ConfigParser
from contextlib import contextmanager
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
import nbformat
import readme as page
from docments import Docments
from structure import MAX_PARAMETERS, Structure, written

root = Path(__file__).resolve().parent.parent
lib, nbs = root/'dail', root/'nbs'
max_bytes, max_lines = 500_000, 30    # of a notebook; of an export cell

def notebooks(folder):
    "Paths of the notebooks below `folder`, relative to it."
    return sorted(p.relative_to(folder) for p in folder.rglob('*.ipynb') if not any(o[0] in '._' for o in p.relative_to(folder).parts))

@contextmanager
def in_copy(command, *, modules):
    "Run an nbdev command on a copy of the project, with or without its modules; gives the folder of the copy."
    with tempfile.TemporaryDirectory(prefix='dail-') as folder:
        copy, hidden = Path(folder), ('.*', '__pycache__')
        shutil.copy(root/'pyproject.toml', copy)
        shutil.copytree(nbs, copy/'nbs', ignore=shutil.ignore_patterns(*hidden))
        shutil.copytree(lib, copy/'dail', ignore=shutil.ignore_patterns(*hidden, *([] if modules else ['[!_]*.py'])))
        run = subprocess.run([Path(sys.executable).parent/command], cwd=copy, capture_output=True, text=True)
        if run.returncode or 'Failed' in run.stderr: sys.exit(f'{command} failed:\n{run.stdout}{run.stderr}')
        yield copy

def clean():
    "Every notebook is as nbdev-clean leaves it."
    with in_copy('nbdev-clean', modules=True) as copy:
        faults = [f'nbs/{p} is not clean: run nbdev-clean' for p in notebooks(nbs)
                  if (nbs/p).read_bytes() != (copy/'nbs'/p).read_bytes()]
    return faults, f'{len(notebooks(nbs))} notebooks, no difference'

def export():
    "Every module is what its notebook exports, and has a notebook."
    read = lambda folder: {p.relative_to(folder): p.read_bytes() for p in folder.rglob('*.py')}
    with in_copy('nbdev-export', modules=False) as copy: here, made = read(lib), read(copy/'dail')
    faults  = [f'dail/{p} has no notebook: delete it' for p in sorted(here.keys() - made.keys())]
    faults += [f'dail/{p} is missing: run nbdev-export' for p in sorted(made.keys() - here.keys())]
    faults += [f'dail/{p} differs from its notebook: run nbdev-export' for p in sorted(here.keys() & made.keys()) if here[p] != made[p]]
    return faults, f'{len(here)} modules, no difference'

def layers():
    "Imports go down the layers of pyproject.toml, also inside functions."
    run = subprocess.run([Path(sys.executable).parent/'lint-imports', '--no-cache'], cwd=root, capture_output=True, text=True)
    return ([run.stdout + run.stderr] if run.returncode else []), 'kept'

def structure():
    "No circles, no hidden names of other modules, no public function with too many parameters."
    package = Structure(lib)
    faults = [f'a circle of imports: {", ".join(c)}' for c in package.circles()] + package.hidden_names()
    faults += [f'{m}.{name} has {n} parameters, more than {MAX_PARAMETERS}' for m, name, n in package.wide()]
    return faults, f'{len(package.trees)} modules, {len(package.functions())} functions'

def settings_ini():
    "The package's metadata, as setup.py reads it."
    settings = ConfigParser(interpolation=None)
    settings.read(root/'settings.ini', encoding='utf-8')
    return settings

def distribution(requirement):
    "Name of the distribution that a requirement asks for, as PyPI compares it: Jinja2>=3.1 -> jinja2."
    return re.sub(r'[-_.]+', '-', re.match(r'[\w.-]+', requirement)[0]).lower()

def imported(tree):
    "Every (package, whether a function imports it, line) that a module imports, its own package left out."
    inner = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for n in ast.walk(f)}
    for n in ast.walk(tree):
        names = [a.name for a in n.names] if isinstance(n, ast.Import) else [n.module] if isinstance(n, ast.ImportFrom) and not n.level else []
        for package in {name.split('.')[0] for name in names} - sys.stdlib_module_names - {lib.name}: yield package, id(n) in inner, n.lineno

def imports():
    "What a module imports is a requirement of settings.ini; what only functions import may be in an extra other than dev."
    settings, owners = settings_ini(), packages_distributions()
    cfg, extras = settings.defaults(), settings['extras']
    required = {distribution(r) for r in cfg['requirements'].split()}
    optional = {distribution(r) for name in extras if name not in {*cfg, 'dev'} for r in extras[name].split()}
    found = [(m, *i) for m, tree in Structure(lib).trees.items() for i in imported(tree)]
    faults = [f'{m}:{line}: imports {package}, which is neither a requirement in settings.ini' + (' nor in an extra' if inside else ' nor imported inside a function')
              for m, package, inside, line in found
              if not {distribution(o) for o in owners.get(package, [package])} & (required | (optional if inside else set()))]
    return faults, f'{len({package for _, package, *_ in found})} packages, all declared'

def style():
    "ruff: names, length of lines, one kind of quotes, on what a person wrote."
    with tempfile.TemporaryDirectory(prefix='dail-') as folder:
        copy = Path(folder)/'dail'
        for p in lib.rglob('*.py'):
            if p.name == '_modidx.py': continue
            (copy/p.relative_to(lib)).parent.mkdir(parents=True, exist_ok=True)
            (copy/p.relative_to(lib)).write_text(written(p), encoding='utf-8')
        run = subprocess.run([Path(sys.executable).parent/'ruff', 'check', '-q', '--no-cache', '--output-format', 'concise', '--config', root/'pyproject.toml', 'dail'],
                             cwd=folder, capture_output=True, text=True)
    return (run.stdout + run.stderr).splitlines() if run.returncode else [], 'no complaint'

def docments():
    "Every exported symbol, parameter, return and field is documented."
    done = [Docments(p).check() for p in sorted(lib.rglob('*.py')) if p.name[0] != '_']
    n = sum((d.count for d in done), Counter())
    return [f for d in done for f in d.faults], f'{n["symbols"]} symbols, {n["parameters"]} parameters, all documented'

def version():
    "One version in settings.ini, the package, the citation and the changelog."
    want = settings_ini().defaults()['version']
    places = {'dail/__init__.py': rf'(?m)^__version__ = "{re.escape(want)}"$', 'CITATION.cff': rf'(?m)^version: "?{re.escape(want)}"?$',
              'CHANGELOG.md': rf'(?m)^## {re.escape(want)}\b'}
    faults = [f'{p} does not name version {want} of settings.ini' for p, found in places.items()
              if not re.search(found, (root/p).read_text(encoding='utf-8'))]
    return faults, want

def address():
    "Tutorials install the package from the repository that settings.ini names, or from OWNER's while it names none."
    want = settings_ini().defaults()['repository'] or 'https://github.com/OWNER/dail'
    found = [(p, url) for p in notebooks(nbs) for url in re.findall(r'dail @ git\+([^"\\]+)', (nbs/p).read_text(encoding='utf-8'))]
    return [f'nbs/{p} installs dail from {url}, not from {want}' for p, url in found if url != want], f'{len(found)} notebooks, {want}'

def wheel():
    "A wheel installs into an empty environment and holds the toy model; `import dail` needs nothing but Python, the command no torch; its page has no relative link."
    with tempfile.TemporaryDirectory(prefix='dail-') as folder:
        env, run = Path(folder)/'env', lambda *args: subprocess.run([str(a) for a in args], cwd=folder, capture_output=True, text=True)
        copy = shutil.copytree(root, Path(folder)/'source', ignore=shutil.ignore_patterns('.*', 'runs', 'build', '*.egg-info', '__pycache__'))
        steps = [(sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation', '-w', folder, copy),
                 (sys.executable, '-m', 'venv', env)]
        faults = [r.stdout + r.stderr for r in map(lambda s: run(*s), steps) if r.returncode]
        made = [*Path(folder).glob('dail-*.whl')]
        if faults or not made: return faults or ['no wheel was made'], ''
        for step in [(env/'bin/python', '-m', 'pip', 'install', '-q', '--no-deps', made[0]), (env/'bin/python', '-c', 'import dail, pathlib; assert (pathlib.Path(dail.__file__).parent/"toymodel"/"checksum.json").exists()')]:
            if (r := run(*step)).returncode: return [r.stdout + r.stderr], ''
        [built] = distributions(path=[str(made[0])])
        if loose := re.findall(r'\]\((?!\w+:|#)[^)]*\)|\b(?:src|href)="(?!\w+:|#)[^"]*"', built.metadata['Description']):
            return [f'PyPI cannot follow this link of README: {link}' for link in loose], ''
        light = run(sys.executable, '-c', 'import sys, dail.cli; sys.exit("torch" in sys.modules or "transformers" in sys.modules)')
        return ['dail.cli imports torch or transformers']*bool(light.returncode), f'{made[0].name} installs and imports'

def hygiene():
    "Notebooks are small, keep their outputs, hold no error and no path of one machine; export cells are short."
    faults, private = [], (f'{root}/', f'{Path.home()}/')
    for p in notebooks(nbs):
        name, text = f'nbs/{p}', (nbs/p).read_text(encoding='utf-8')
        code = [c for c in nbformat.reads(text, as_version=4).cells if c.cell_type == 'code']
        outputs = [(c, o) for c in code for o in c.outputs]
        if len(text.encode()) > max_bytes: faults.append(f'{name}: {len(text.encode())/1000:.0f} KB, more than {max_bytes//1000}')
        if code and not outputs: faults.append(f'{name}: no cell has an output; run it and save it')
        faults += [f'{name}, cell {c.id}: its output is an error' for c, o in outputs if o.output_type == 'error']
        faults += [f'{name}, cell {c.id}: its output names a folder of this machine' for c, o in outputs if any(s in str(o) for s in private)]
        for c in code:
            lines = [l for l in c.source.splitlines() if not l.startswith('#|')]
            if re.search(r'(?m)^#\|\s*exports?\b', c.source) and len(lines) > max_lines:
                faults.append(f'{name}, cell {c.id}: exports {len(lines)} lines, more than {max_lines}')
    return faults, f'{len(notebooks(nbs))} notebooks'

def readme():
    "README.md is what nbs/index.ipynb makes."
    if page.readme.exists() and page.readme.read_text(encoding='utf-8') == page.render(): return [], 'current'
    return ['README.md differs from nbs/index.ipynb: run make readme'], ''

if __name__ == '__main__':
    checks = [clean, export, layers, structure, imports, style, docments, version, address, wheel, hygiene, readme]
    unknown = set(sys.argv[1:]) - {c.__name__ for c in checks}
    if unknown: sys.exit(f'unknown check: {", ".join(sorted(unknown))}')
    for check in checks:
        if sys.argv[1:] and check.__name__ not in sys.argv[1:]: continue
        faults, good = check()
        if faults: sys.exit('\n'.join([*faults, f'{check.__name__}: {len(faults)} to mend ({check.__doc__})']))
        print(f'{check.__name__}: {good}', flush=True)

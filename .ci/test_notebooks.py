"""Run notebooks top to bottom, each in a fresh process, two at a time, and count what ran.

    python .ci/test_notebooks.py [policy figures/ ...] [--flags "slow gpu"] [--workers 2]

Cells with a flag of `tst_flags` in pyproject.toml are left out and counted; --flags runs those that it names. A
notebook of which no cell remains is skipped. Nothing is written: outputs are saved with `nbdev-test --save`.
"""
import argparse, atexit, multiprocessing, os, re, sys, tempfile, time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from nbdev.config import get_config
from nbdev.process import NBProcessor
from nbdev.test import nb_test_cells, test_nb

root = Path(__file__).resolve().parent.parent
cfg = get_config(root)
# imported once, by a server of which each notebook's process is a fork; nothing of ours, so that notebooks import that
preloaded = ('torch', 'transformers.trainer', 'transformers.models.llama.modeling_llama', 'peft', 'datasets', 'pandas', 'seaborn', 'matplotlib.pyplot', 'nbdev.test')
# begun first, so that none runs alone at the end
longest = tuple(f'{n}.ipynb' for n in ('tutorials/05_reading_a_run', 'tutorials/04_your_solutions', 'runs/05_cli', 'engines/04_scale', 'engines/03_vllm', 'runs/03_run', 'figures/12_all', 'method/04_rewrite', 'method/07_train'))

def args():
    "The command line."
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('names', nargs='*', help='parts of names, such as policy or figures/; all where none is named')
    p.add_argument('--flags', default='', help='flags whose cells run too')
    p.add_argument('--workers', type=int, default=2)
    return p.parse_args()

def find(names):
    "The notebooks meant: those known to be slow first, then by size of file, the largest first."
    every = [p for p in cfg.nbs_path.rglob('*.ipynb') if not any(o[0] in '._' for o in p.relative_to(root).parts)]
    name = lambda p: p.relative_to(cfg.nbs_path).as_posix()
    chosen = {n: [p for p in every if n.removeprefix('nbs/') in name(p)] for n in names}
    for n, found in chosen.items():
        if not found: sys.exit(f'no notebook has {n!r} in its name')
    slow = lambda p: longest.index(name(p)) if name(p) in longest else len(longest)
    return sorted({p for found in chosen.values() for p in found} if names else every, key=lambda p: (slow(p), -p.stat().st_size, p.name))

def plan(path, left_out, forced):
    "How many cells with code of their own would run, and how many are left out for which flag."
    works = lambda c: c.cell_type == 'code' and re.search(r'(?m)^\s*(?!#|import nbdev\b|if project_path\(|(?:from \S+ )?import [^;\n]*$)\S', c.source)
    every = [c for c in NBProcessor(path, rm_directives=False, process=True).nb.cells if works(c)]
    runs = [c for c in nb_test_cells(path, left_out, forced) if works(c)]
    ids = {c.id for c in runs}
    named = lambda c: next((f for f in left_out if f in c.directives_), 'eval: false')
    return len(runs), Counter(named(c) for c in every if c.id not in ids)

def execute(path, left_out, forced, log):
    "In a process of its own: run one notebook, print into a file, exit with code 1 if it failed."
    out = os.open(log, os.O_WRONLY)
    for stream in (1, 2): os.dup2(out, stream)
    ok = test_nb(path, left_out, forced, basepath=root, cell_timeout=None if 'slow' in forced else cfg.cell_timeout)[0]
    atexit._run_exitfuncs() # multiprocessing would leave them out
    sys.stdout.flush()
    sys.exit(not ok)

def run(path, left_out, forced):
    "Run one notebook in a process of its own: whether it passed, seconds, what it printed."
    start = time.time()
    with tempfile.NamedTemporaryFile('r', errors='replace') as log:
        process = multiprocessing.get_context('forkserver').Process(target=execute, args=(path, left_out, forced, log.name))
        process.start()
        process.join()
        ended = f'\nthe process ended with signal {-process.exitcode}' if process.exitcode < 0 else ''
        return process.exitcode == 0, time.time() - start, log.read().strip() + ended

def main():
    "Run the notebooks, print a line for each and one that counts them; exit code 1 if one failed."
    a = args()
    left_out, forced = cfg.tst_flags.split(), a.flags.split()
    # two notebooks at a time: one thread each, and vLLM must not bind its threads to cores that another one uses
    os.environ.update(OMP_NUM_THREADS='1', VLLM_CPU_OMP_THREADS_BIND='nobind', TOKENIZERS_PARALLELISM='false', HF_HUB_OFFLINE='1')
    multiprocessing.get_context('forkserver').set_forkserver_preload(preloaded)
    count, runs = Counter(), {}
    with ThreadPoolExecutor(a.workers) as pool:
        for path in find(a.names):
            n, missing = plan(path, left_out, forced)
            note = ', '.join(f'{k} {flag}' for flag, k in missing.items())
            name = path.relative_to(cfg.nbs_path).with_suffix('')
            if n: runs[pool.submit(run, path, left_out, forced)] = f'{name}: {n} cells' + (f', left out: {note}' if note else '')
            else:
                count['skipped'] += 1
                print(f'skipped           {name}: ' + (f'every cell is flagged ({note})' if note else 'no cell to run'), flush=True)
        try:
            for result in as_completed(runs):
                ok, seconds, text = result.result()
                count['passed' if ok else 'failed'] += 1
                print(f'{"passed" if ok else "FAILED"} {seconds:6.1f} s  {runs[result]}' + ('' if ok else f'\n{text}'), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            sys.exit(130)
    print(f'{count["passed"]} passed, {count["failed"]} failed, {count["skipped"]} skipped')
    sys.exit(count['failed'] > 0)

if __name__ == '__main__': main()

"Which exported symbols, parameters, returns and fields of a module lack the comment that documents them."
import ast, sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent/'docs'))
from api import Comments # the API pages show the comments that are asked for here

class Docments:
    "Counts the documented symbols and parameters of one module, and lists what lacks."
    def __init__(self, path):
        source = path.read_text(encoding='utf-8')
        self.path, self.tree, self.faults, self.count = path, ast.parse(source), [], Counter()
        self.comments = Comments(source)

    def need(self, kind, ok, name, line):
        "Count one thing that must be documented."
        self.count[kind] += 1
        if not ok: self.faults.append(f'dail/{self.path.name}:{line}: {name}')

    def fields(self, places, owner):
        "Check `(name, code)` places."
        for name, node, comment in self.comments.of_fields(places):
            self.need('parameters', comment, f'{owner}: no docment for {name}', node.lineno)

    def function(self, f, name, method=False, doc=True):
        "Check docstring, parameters and return of a function or method."
        decorators = {ast.unparse(d).split('(')[0] for d in f.decorator_list}
        if doc: self.need('symbols', ast.get_docstring(f), f'{name}: no docstring', f.lineno)
        if any('property' in d or '.setter' in d for d in decorators): return    # its docstring says what it is
        a = f.args
        args = [*a.posonlyargs, *a.args][method and 'staticmethod' not in decorators:]
        args += [*filter(None, [a.vararg]), *a.kwonlyargs, *filter(None, [a.kwarg])]
        places = [(arg.arg, arg) for arg in args]
        if f.returns and ast.unparse(f.returns) != 'None': places.append(('return', f.returns))
        elif not f.returns and returns_value(f):
            self.need('parameters', False, f'{name}: no docment for return (it is read only beside `->type`)', f.lineno)
        self.fields(places, name)

    def klass(self, c):
        "Check docstring, fields, constructor and public methods of a class."
        self.need('symbols', ast.get_docstring(c), f'{c.name}: no docstring', c.lineno)
        self.fields([(o.target.id, o) for o in c.body if isinstance(o, ast.AnnAssign) and o.target.id[0] != '_'], c.name)
        for o in c.body:
            if isinstance(o, ast.FunctionDef) and (o.name in ('__init__', '__call__') or o.name[0] != '_'):
                self.function(o, f'{c.name}.{o.name}', method=True, doc=o.name[0] != '_')

    def check(self):
        "Check everything that the module exports."
        public = next((ast.literal_eval(o.value) for o in self.tree.body
                       if isinstance(o, ast.Assign) and getattr(o.targets[0], 'id', '') == '__all__'), [])
        for o in self.tree.body:
            if isinstance(o, ast.ClassDef) and o.name in public: self.klass(o)
            elif isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef)):
                patched = any('patch' in ast.unparse(d) for d in o.decorator_list)
                owner = ast.unparse(o.args.args[0].annotation) + '.' if patched and o.args.args and o.args.args[0].annotation else ''
                if o.name in public or (patched and o.name[0] != '_' and owner[:1] != '_'):
                    self.function(o, owner + o.name, method=patched)
            elif isinstance(o, (ast.Assign, ast.AnnAssign)):
                for name in [t.id for t in getattr(o, 'targets', [getattr(o, 'target', None)]) if isinstance(t, ast.Name) and t.id in public]:
                    self.need('symbols', self.comments.of(o), f'{name}: no comment beside or above it', o.lineno)
        return self

def returns_value(f):
    "Does the function itself, not one inside it, return or yield something?"
    todo = list(f.body)
    while todo:
        o = todo.pop()
        if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)): continue
        if isinstance(o, ast.YieldFrom): return True
        if isinstance(o, (ast.Yield, ast.Return)) and o.value and ast.unparse(o.value) != 'None': return True
        todo += ast.iter_child_nodes(o)
    return False

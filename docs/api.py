"API pages from the source of modules: signatures, docstrings, and the comments that document parameters and fields."
import ast, io, json, re, tokenize

MARKS = re.compile(r"([\\*_<\[\]$|#~^{}])")

def escape(text):
    "Plain text as Markdown that shows it as it is; words in backticks stay code."
    return "".join(p if i % 2 else MARKS.sub(r"\\\1", p) for i, p in enumerate(re.split(r"(`[^`]*`)", text)))

def directive(head, options, *parts, fence=":::"):
    "A directive of Sphinx for one name; its options are read as YAML."
    options = [f":{name}: {json.dumps(value) if value else ''}".strip() for name, value in options.items()]
    return "\n".join([f"{fence}{{py:{head}", *options, "", *parts, fence, ""])

def parameters(a):
    "The parameters of a function."
    return [*a.posonlyargs, *a.args, *filter(None, [a.vararg]), *a.kwonlyargs, *filter(None, [a.kwarg])]

def doc(o):
    "The docstring of a function or class, and a blank line."
    return escape(ast.get_docstring(o) or "") + "\n"

def wrappers(o):
    "Names of the decorators of a function or class."
    return [ast.unparse(d) for d in o.decorator_list] if isinstance(o, (ast.FunctionDef, ast.ClassDef)) else []

def patched(o):
    "The class to which `@patch` adds this function, or an empty text."
    return ast.unparse(o.args.args[0].annotation) if any(w.split("(")[0] == "patch" for w in wrappers(o)) else ""

def is_public(o):
    "Is this a function or method for users?"
    return isinstance(o, ast.FunctionDef) and (o.name in ("__init__", "__call__") or o.name[0] != "_")

class Comments:
    "The comments of a module, and which of them says what a piece of its code is."
    def __init__(self, text):
        self.beside, self.alone = {}, {} # line -> comment behind code, and comment on a line of its own
        for t in tokenize.generate_tokens(io.StringIO(text).readline):
            if t.type != tokenize.COMMENT or t.string.startswith("# %%"): continue
            (self.alone if t.line.lstrip().startswith("#") else self.beside)[t.start[0]] = t.string.strip("# ")

    def of(self, node):
        "The comment beside a piece of code, or else the lines of comment right above it."
        found = [self.beside.get(n) for n in range(node.lineno, node.end_lineno + 1)]
        if any(found): return " ".join(filter(None, found))
        above = node.lineno
        while above - 1 in self.alone: above -= 1
        return " ".join(self.alone[n] for n in range(above, node.lineno))

    def of_fields(self, places):
        "Name, code and comment of parameters or fields; where several share a line, its comment belongs to the last."
        last = {node.lineno: node for _, node in places}
        return [(name, node, self.of(node) if last[node.lineno] is node else "") for name, node in places]

class Module:
    "The public names of one module, and what its source says about them."
    def __init__(self, path, root):
        text = path.read_text(encoding="utf-8")
        tree, self.name = ast.parse(text), ".".join(path.relative_to(root).with_suffix("").parts)
        for o in ast.walk(tree): # annotations in quotes
            for field in ("annotation", "returns"):
                if isinstance(quoted := getattr(o, field, None), ast.Constant) and isinstance(quoted.value, str):
                    setattr(o, field, ast.copy_location(ast.parse(quoted.value, mode="eval").body, quoted))
        self.about, self.comments = ast.get_docstring(tree) or "", Comments(text)
        found = {o.name: o for o in tree.body if isinstance(o, (ast.FunctionDef, ast.ClassDef)) and not patched(o)}
        for o in (o for o in tree.body if isinstance(o, (ast.Assign, ast.AnnAssign))):
            for target in getattr(o, "targets", [getattr(o, "target", None)]):
                found |= {n.id: o for n in ast.walk(target) if isinstance(n, ast.Name)}
        self.public = {n: found[n] for n in (ast.literal_eval(found["__all__"].value) if "__all__" in found else [])}
        later = [o for o in tree.body if patched(o)] # methods that a class is given after it was defined
        self.methods = {n: [m for m in (*o.body, *(p for p in later if patched(p) == n)) if is_public(m)]
                        for n, o in self.public.items() if isinstance(o, ast.ClassDef)}
        self.anchors = {*self.public, *(f"{n}.{m.name}" for n, methods in self.methods.items() for m in methods)}

    def comment(self, node):
        "The comment that documents a piece of code."
        return escape(self.comments.of(node))

    def fields(self, places):
        "Parameters or fields with their comments."
        return [f":param {escape(name)}: {escape(comment)}" for name, _, comment in self.comments.of_fields(places)
                if comment]

    def function(self, o, kind="function"):
        "One function or method."
        marks, returns = wrappers(o), f" -> {ast.unparse(o.returns)}" if o.returns else ""
        if {"property", "patch(as_prop=True)"} & {*marks} or any("cached_property" in w for w in marks):
            return directive(f"property}} {o.name}", {"type": ast.unparse(o.returns)} if o.returns else {}, doc(o))
        if kind == "method" and "staticmethod" not in marks: (o.args.posonlyargs or o.args.args).pop(0)
        result = [f":returns: {self.comment(o.returns)}"] if o.returns and self.comment(o.returns) else []
        return directive(f"{kind}}} {o.name}({ast.unparse(o.args)}){returns}",
                         {w: "" for w in marks if w in ("classmethod", "staticmethod")}, doc(o),
                         *self.fields([(p.arg, p) for p in parameters(o.args)]), *result)

    def klass(self, o):
        "One class with its fields, or the parameters of its constructor, and its public methods."
        places = [(n.target.id, n) for n in o.body if isinstance(n, ast.AnnAssign) and n.target.id[0] != "_"]
        shown = ", ".join(re.sub(r" = field\(.*", " = ...", ast.unparse(n)) for _, n in places)
        for m in (m for m in self.methods[o.name] if m.name == "__init__"):
            m.args.args.pop(0)
            places, shown = places + [(p.arg, p) for p in parameters(m.args)], ast.unparse(m.args)
        methods = [self.function(m, "method") for m in self.methods[o.name] if m.name != "__init__"]
        head = f"class}} {o.name}" + f"({shown})"*bool(shown)
        return directive(head, {}, doc(o), *self.fields(places), "", *methods, fence="::::")

    def constant(self, name, o):
        "One constant; its value is shown where it is short and its own."
        short = len(ast.unparse(o.value)) < 80 and all(isinstance(t, ast.Name) for t in getattr(o, "targets", []))
        return directive(f"data}} {name}", {"value": ast.unparse(o.value)} if short else {}, self.comment(o))

    def page(self, title, notebook):
        "The module's page, which names the notebook that explains it."
        shown = [self.klass(o) if n in self.methods else self.function(o) if is_public(o) else self.constant(n, o)
                 for n, o in self.public.items()]
        return "\n\n".join([f"# {self.name}", f"> {escape(self.about)}", f"Explained in [{title}](/{notebook}).",
                            f":::{{py:module}} {self.name}\n:::", *shown])

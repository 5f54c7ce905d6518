"""Say what pip-audit found, and of how many packages: it calls a package that it could not look up no weakness.

    python .ci/audit.py dist/audit.json
"""
import json, sys
from pathlib import Path

file = Path(sys.argv[1])
packages = json.loads(file.read_text())['dependencies'] if file.exists() and file.stat().st_size else []
looked_up = [p for p in packages if 'skip_reason' not in p]
weak = [f"{p['name']} {p['version']}: {v['id']}" for p in looked_up for v in p['vulns']]
if not looked_up: print('known weaknesses: not checked, their service could not be reached'); sys.exit()
print(f'known weaknesses: {len(weak)}, in {len(looked_up)} of {len(packages)} packages that could be looked up', *weak, sep='\n')
sys.exit(bool(weak))

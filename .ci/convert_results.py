"""Brings committed results to the names of the second house; run once, then deleted.

    python .ci/convert_results.py

Column `adapter` becomes `arm`; settings of runs are written as `dail.settings` writes them.
"""
from pathlib import Path
import pyarrow.parquet as pq
from dail.records import read_json, write_json
from dail.settings import RunConfig, configure, plain

results = Path(__file__).resolve().parent.parent/"data"/"results"

def renamed(settings):
    "Settings of a run under their new names, every default written out."
    for arm in settings["arms"].values():
        if "method" in arm: arm["trainer"] = arm.pop("method")
    return plain(configure(RunConfig, settings))

for path in results.glob("*.parquet"):
    table = pq.read_table(path)
    if "adapter" not in table.column_names: continue
    names = ["arm" if name == "adapter" else name for name in table.column_names]
    pq.write_table(table.rename_columns(names).replace_schema_metadata(table.schema.metadata), path)
    print(path.name)

for path in results.glob("*.json"):
    document = read_json(path)
    holders = [document, *document.get("runs", []), *(v for v in document.values() if isinstance(v, dict))]
    found = [h for h in holders if isinstance(h, dict) and isinstance(h.get("settings"), dict)]
    for holder in found: holder["settings"] = renamed(holder["settings"])
    if found: write_json(path, document); print(path.name)

"""What OpenAPI says of the service holds for thousands of requests that schemathesis makes up.

Needs `pip install schemathesis`. That every request that fits the schema is accepted is not asked: no schema
says which bytes are a picture, or which columns a table has.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(
    find_spec("schemathesis") is None, reason="no schemathesis: pip install schemathesis"
)


def test_every_answer_is_one_that_openapi_names(texts, tmp_path):
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{texts.url}/openapi.json"),
        *(
            "--max-examples",
            "10",
            "--phases",
            "fuzzing",
            "--exclude-checks",
            "positive_data_acceptance",
            "--seed",
            "1",
        ),
        *("--suppress-health-check", "all", "--report", "ndjson", "--report-ndjson-path", "report.ndjson"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert texts.ask("/health").status == 200
    assert (tmp_path / "report.ndjson").stat().st_size > 1000, json.dumps(done.stdout[-500:])

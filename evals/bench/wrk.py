"""The full load of `evals.bench.load` once more, by wrk, where it is installed."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import TiaowenError
from evals.bench.figures import Figure, build_figure
from evals.bench.server import HOST

PART = "负载"
_WRK_REQUEST = """
local bodies = {{{bodies}}}
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", "/v1/ask", {{["content-type"] = "application/json"}}, bodies[n % #bodies + 1])
end
done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("FIGURES %f %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, failed))
end
"""


def run_wrk(port: int, bodies: Sequence[bytes], options: argparse.Namespace, folder: Path) -> list[Figure]:
    """The full load once more, by wrk.

    Raises:
        TiaowenError: it is not installed, or fails.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise TiaowenError("没有安装 wrk", hint="在 Debian、Ubuntu 上运行 apt-get install wrk，或去掉 --wrk")
    script = folder / "ask.lua"
    script.write_text(_WRK_REQUEST.format(bodies=", ".join(f"[==[{b.decode()}]==]" for b in bodies)), "utf-8")
    command = [wrk, "-t1", f"-c{options.connections}", f"-d{options.seconds:.0f}s", "--timeout", "30s"]
    command += ["-s", str(script), f"http://{HOST}:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"FIGURES (\S+) (\S+) (\S+) (\S+) (\d+)", done.stdout)
    if found is None:
        raise TiaowenError(f"wrk 失败：{(done.stderr or done.stdout)[-300:]}")
    labels = ("每秒回答", "p50", "p95", "p99", "失败")
    units = ("个", "毫秒", "毫秒", "毫秒", "个")
    return [
        build_figure(PART, f"wrk，{options.connections} 个连接，{label}", unit, [float(value)])
        for label, unit, value in zip(labels, units, found.groups(), strict=True)
    ]

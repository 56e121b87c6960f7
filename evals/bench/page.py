"""`python -m evals.bench.page`: how soon the widget can be typed into, beside a page of the same server without scripts.

Each round opens both pages in a browser context of its own, so that nothing is cached. Needs Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.config import load_settings
from assistant.errors import ConfigError
from assistant.surfaces.web.assets import WIDGET, load_assets
from evals.bench.figures import (
    Figure,
    build_figure,
    divide,
    interleave,
    report_figures,
)
from evals.bench.server import start_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PART = "网页"
PAGES = ("/", "/ask?q=%E7%8F%AD")
"""The home page with the widget, and the page of an answer, which has no script."""
WATCH = """
const look = () => {
  const widget = document.querySelector("tiaowen-ask");
  const box = (widget?.shadowRoot || document).querySelector("#question, #plain-q");
  if (box) window.readyAt = performance.now();
  else requestAnimationFrame(look);
};
look();
"""
"""Notes within the page, by its own clock, when there is something to type into."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show a table, store the figures.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m evals.bench.page", description="网页多快可以输入")
    parser.add_argument("--runs", type=int, default=15, help="每页打开几次（默认 15）")
    options = parser.parse_args(arguments)
    return report_figures(lambda: measure_pages(options.runs))


def measure_pages(n_runs: int) -> list[Figure]:
    """Time from the start of a navigation until the page can be typed into.

    Raises:
        ConfigError: there is no Chromium, or Playwright is not installed.
    """
    if (chromium := shutil.which("chromium")) is None:
        raise ConfigError("没有 Chromium，不能测网页", hint="安装 chromium 后重试")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as exc:
        raise ConfigError("没有安装 Playwright", hint="运行 pip install -e '.[dev]'") from exc
    with start_server(load_settings().index_dir) as (client, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tasks = {path: _opening(browser, client.address + path) for path in PAGES}
        values = interleave(tasks, n_runs)
        browser.close()
    home, plain = (values[path] for path in PAGES)
    size = len(gzip.compress(load_assets()[WIDGET].body))
    return [
        build_figure(PART, "首页可以输入", "毫秒", home),
        build_figure(PART, "无脚本的回答页可以输入", "毫秒", plain),
        build_figure(PART, "首页 ÷ 无脚本的页", "倍", divide(home, plain)),
        build_figure(PART, "widget.js（gzip）", "KiB", [size / 1024]),
    ]


def _opening(browser: Browser, address: str) -> Callable[[], float]:
    """Opens the page anew; milliseconds from the start of the navigation until it can be typed into."""

    def open_page() -> float:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(address)
        # The page's policy forbids what `wait_for_function` does.
        while not (took := page.evaluate("window.readyAt || 0")):
            page.wait_for_timeout(10)
        context.close()
        return float(took)

    return open_page


if __name__ == "__main__":
    sys.exit(main())

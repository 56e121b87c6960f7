"""Files as LibreOffice prints them, and pages of the desk in Chromium."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from assistant.surfaces.staff import sign_in
from tests.surfaces.conftest import SECRET


@pytest.fixture
def convert_to_pdf(tmp_path: Path) -> Callable[[bytes], Path]:
    """Converts a Word file; skips where there is no LibreOffice."""
    if (office := shutil.which("soffice")) is None:
        pytest.skip("needs LibreOffice (soffice)")

    def convert(data: bytes) -> Path:
        path = tmp_path / "made.docx"
        path.write_bytes(data)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return tmp_path / "made.pdf"

    return convert


@pytest.fixture
def open_staff(browser, serve, real_app) -> Iterator[Callable[..., Any]]:
    """Opens a page of the desk, signed in; what the browser complains of fails the test."""
    complaints: list[str] = []
    with ExitStack() as stack:
        address = stack.enter_context(serve(real_app))

        def open_page(path: str, **options: Any) -> Any:
            context = browser.new_context(base_url=address, **options)
            stack.callback(context.close)
            cookie = {"name": sign_in.COOKIE, "value": sign_in.sign_cookie(SECRET, "test")}
            context.add_cookies([{**cookie, "url": f"{address}/staff"}])
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(path)
            return page

        yield open_page
    assert complaints == []

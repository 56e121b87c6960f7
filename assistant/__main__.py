"""`tiaowen` and `python -m assistant`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from assistant.surfaces.cli import main as run_cli

    sys.exit(run_cli())


if __name__ == "__main__":
    main()

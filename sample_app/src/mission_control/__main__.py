"""The command line: `python -m mission_control serve | migrate | check-settings`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mission_control.database import open_pool
from mission_control.errors import DatabaseUnavailable, SettingsInvalid
from mission_control.migrate import migrate
from mission_control.server import serve
from mission_control.settings import Settings, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 when all went well, 2 when the settings are wrong, 3 when the service could not start.
    """
    parser = argparse.ArgumentParser(prog="mission_control", description="Missions and the agents on them.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the service")
    commands.add_parser("migrate", help="bring the database schema up to date")
    commands.add_parser("check-settings", help="say what is wrong with the environment")
    command = parser.parse_args(arguments).command
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        return 2
    if command == "check-settings":
        print("The settings are good.")
        return 0
    if command == "migrate":
        return _migrate(settings)
    return serve(settings)


def _migrate(settings: Settings) -> int:
    try:
        pool = open_pool(
            settings.database_url.get_secret_value(), startup_timeout_s=settings.startup_timeout_s
        )
    except DatabaseUnavailable as error:
        print(error, file=sys.stderr)
        return 3
    with pool, pool.connection() as connection:
        applied = migrate(connection)
    print(f"Applied: {', '.join(applied)}." if applied else "Nothing to do: the schema is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

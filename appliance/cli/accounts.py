"""``motcua accounts``: the setup code of a box, and who has an account."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Option("--data", help="The data directory.", exists=True, file_okay=False, dir_okay=True)
]
DEFAULT = Path("/var/lib/motcua")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    accounts = typer.Typer(no_args_is_help=True, help="Staff accounts: the setup code, the list.")
    app.add_typer(accounts, name="accounts")
    _add_setup_code(accounts)
    _add_list(accounts)


def _add_setup_code(accounts: typer.Typer) -> None:
    @accounts.command("setup-code")
    def setup_code(data: Folder = DEFAULT) -> None:
        """Make a new setup code and print it; the old one is void at once. Only its hash is kept."""
        from appliance.accounts.passwords import Argon2Hasher
        from appliance.accounts.setup_code import SetupFile, new_code, normal_code

        code = new_code()
        SetupFile(data).write(Argon2Hasher().hash(normal_code(code)))
        typer.echo(code)


def _add_list(accounts: typer.Typer) -> None:
    @accounts.command("list")
    def list_accounts(data: Folder = DEFAULT) -> None:
        """List the accounts, one line each: id, role, whether it may sign in, name."""
        from appliance.accounts.store import read_people

        for person in read_people(data):
            state = "active" if person.is_active else "left"
            typer.echo(f"{person.officer:<32} {person.role:<10} {state:<6} {person.name}")

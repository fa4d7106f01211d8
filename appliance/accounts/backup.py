"""Who works here, as a backup carries it: names, roles, password hashes; no session, screen or code."""

import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import orjson

from appliance.accounts import database
from appliance.accounts.database import Account, AccountsFile
from appliance.accounts.errors import AccountsUnavailableError, AccountsUnreadableError
from appliance.accounts.person import Person, Role


def staff_of(folder: Path) -> bytes:
    """Return everybody's account as JSON, while the office may be writing.

    Raises:
        AccountsUnreadableError: there is no file, or it is damaged.
    """
    try:
        with closing(AccountsFile.peek(folder)) as file:
            found = [{**asdict(account.person), "hash": account.hash} for account in file.accounts()]
    except sqlite3.Error as error:
        raise AccountsUnreadableError(path=folder / database.FILE_NAME, reason=str(error)) from error
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def restore_staff(folder: Path, content: bytes) -> int:
    """Make the accounts of a backup; return how many there were.

    Raises:
        AccountsUnreadableError: the content is not what a backup holds.
        AccountsUnavailableError: they cannot be written.
    """
    path = folder / database.FILE_NAME
    try:
        accounts = [
            Account(
                Person(str(one["officer"]), str(one["name"]), Role(one["role"]), bool(one["is_active"])),
                str(one["hash"]),
            )
            for one in orjson.loads(content)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise AccountsUnreadableError(path=path, reason=f"not a list of accounts: {error}") from error
    try:
        with closing(AccountsFile.open(folder)) as file:
            file.commit([database.put_account(account) for account in accounts])
    except (sqlite3.Error, OSError) as error:
        raise AccountsUnavailableError(reason=str(error)) from error
    return len(accounts)

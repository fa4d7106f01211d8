"""The user the office runs as, and whether a device would open for it: doctors are often root."""

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NAME = "motcua"
GROUPS = ("gpio", "dialout", "audio")
"""SupplementaryGroups of ``motcua-office.service``."""


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """A user and its groups.

    Args:
        name: for sentences.
        uid: its number.
        gids: its groups' numbers.
    """

    name: str
    uid: int
    gids: frozenset[int]

    @classmethod
    def here(cls) -> Self:
        """Return the service's user of this machine; without one, whoever asks."""
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            return cls("", os.geteuid(), frozenset((os.getegid(), *os.getgroups())))
        gids = set(os.getgrouplist(NAME, entry.pw_gid))
        for group in GROUPS:
            try:
                gids.add(grp.getgrnam(group).gr_gid)
            except KeyError:
                continue
        return cls(NAME, entry.pw_uid, frozenset(gids))

    def may_write(self, path: Path) -> bool:
        """Return whether the permissions let this user read and write a file.

        Raises:
            OSError: there is no such file.
        """
        if self.uid == 0:
            return path.exists()
        found = path.stat()
        if found.st_uid == self.uid:
            wanted = stat.S_IRUSR | stat.S_IWUSR
        elif found.st_gid in self.gids:
            wanted = stat.S_IRGRP | stat.S_IWGRP
        else:
            wanted = stat.S_IROTH | stat.S_IWOTH
        return found.st_mode & wanted == wanted

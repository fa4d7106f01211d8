"""The province's own CA, checked as a box will check it before it goes onto every card."""

from pathlib import Path

from appliance.firstboot.authority import certificates
from appliance.firstboot.card import MAX_BYTES, CardError
from provisioning.card.errors import AuthorityError


def read_authority(path: Path) -> bytes:
    """Return the certificates of a PEM file.

    Raises:
        AuthorityError: it cannot be read, or holds something else than certificates.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        return certificates(raw, path.name)
    except OSError as error:
        said = error.strerror or str(error)
        raise AuthorityError(path=path, reason=said, reason_vi=said) from error
    except CardError as error:
        [problem] = error.problems
        raise AuthorityError(path=path, reason=problem.message, reason_vi=problem.message_vi) from error

"""The office's catalog of administrative procedures: taken over from a list, kept in ``local.db``."""

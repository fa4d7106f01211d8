"""One condition per file: each module has its ``CONDITION`` and a ``check``."""

"""The wire format: what the box, the center and any auditor must agree on, byte for byte.

A leaf: it does no I/O and reads no clock. ``docs/wire.md`` is the normative text.
"""

"""The province's server: enrol boxes, take their batches, audit and hand out what they sent.

``reception`` is bytes in, answer out; ``receive`` and ``register`` hold the rules; ``store`` keeps;
``app`` and ``serve`` are HTTP.
"""

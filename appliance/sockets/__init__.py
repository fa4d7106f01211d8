"""The messages between the units of a box: narrow, fixed, bounded. A leaf: it knows the errors only."""

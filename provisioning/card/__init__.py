"""Cards: from a list of sites to memory cards that were written and read back, with a label for each box."""

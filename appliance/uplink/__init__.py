"""Delivery of the journal to the provincial center: seal, send, keep receipts, over a line or a USB stick."""

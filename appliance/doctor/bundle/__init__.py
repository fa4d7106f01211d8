"""The support bundle: what a box can tell about itself without a secret or a person in it."""

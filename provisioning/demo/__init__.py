"""One office and its province on loopback, with every device emulated: the main job for anyone to see."""

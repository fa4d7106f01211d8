"""HTTP as the box serves it: bounded in every direction. Shared by the staff app and the strangers' app."""

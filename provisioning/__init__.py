"""The technician's tools and the demo office: may import everything, imported by nobody."""

"""From a load to the size of everything, what it costs, and where it stops. No AWS, no clock, no files."""

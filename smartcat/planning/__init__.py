"""From a load to the size of everything, what it costs, and where it stops. Pure: no AWS, no clock, no files."""

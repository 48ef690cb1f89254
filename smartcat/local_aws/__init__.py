"""AWS on one machine, for the demo and the tests. Imports none of the other packages."""

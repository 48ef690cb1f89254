"""AWS on one machine, for the demo and the tests. Imports no other package of this repository."""

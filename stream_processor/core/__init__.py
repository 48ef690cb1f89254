"""The pure part: an event in, writes and a response out. Clock, randomness and AWS are ports.

Records of settings and figures are named tuples here: to define one takes a cold start a seventh of the time
that a dataclass takes.
"""

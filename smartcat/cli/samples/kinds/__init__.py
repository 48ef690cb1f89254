"""The twelve kinds of paper, one module each: what they say and how long they are. No randomness here."""

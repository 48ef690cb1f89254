"""The classifier: from text to a decision. Knows no AWS, no clock and no environment."""

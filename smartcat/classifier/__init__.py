"""What a label is: inference from text to a decision. Knows no AWS, no clock and no environment."""

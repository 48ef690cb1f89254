"""What the HTML reports share: the look, the drawing, the writing. Knows nothing of what is reported."""

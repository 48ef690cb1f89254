"""Learning: labelled text in, a model directory out. Never packaged into the Lambda."""

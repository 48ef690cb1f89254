"""Learning page stream segmentation: where one document of a stream of pages ends and the next begins."""

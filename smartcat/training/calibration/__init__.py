"""From held-out scores to honest confidence: pooling, calibration, thresholds, and how good it all is."""

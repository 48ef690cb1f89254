"""What travels on the stream: documents, gzip, KPL aggregates. Knows neither producers nor the processor."""

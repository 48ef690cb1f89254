"""What travels on the stream: documents, compression, KPL aggregates. Knows neither producers nor the processor."""

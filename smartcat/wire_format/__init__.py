"""The wire format: documents, claims and KPL aggregates as bytes. Knows neither producers nor processor."""

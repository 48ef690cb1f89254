"""Event source mappings from Kinesis to functions: polling, batching, retries, failure destinations."""

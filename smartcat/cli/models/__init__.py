"""Published models: what is where in S3, which one is promoted, and which one a function serves."""

"""Published models: versions in S3, the promoted version, and the version that a function serves."""

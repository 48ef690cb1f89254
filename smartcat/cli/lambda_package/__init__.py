"""Builds the Lambda deployment package for a function's platform, on any machine."""

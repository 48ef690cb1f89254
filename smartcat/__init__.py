"""Serverless document classification on AWS. Imports nothing: a cold start pays for it."""

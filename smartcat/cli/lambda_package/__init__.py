"""The artifact: the zip that a Lambda function is made of, for its platform, on any machine."""

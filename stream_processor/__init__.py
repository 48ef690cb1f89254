"""The Lambda: a batch of Kinesis records in, one result or one quarantine object a document out."""

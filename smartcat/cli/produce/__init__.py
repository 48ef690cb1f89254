"""Delivery of documents to the stream: read, spool, send, resume, and report."""

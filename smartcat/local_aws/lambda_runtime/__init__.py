"""Lambda functions in processes of this machine: code, execution environments, the Runtime API."""

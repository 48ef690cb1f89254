"""The command line: one module per command, and a folder for what each does."""

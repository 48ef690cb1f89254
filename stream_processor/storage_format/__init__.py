"""What the function stores, written and read in one place; all that the command line may import of it."""

"""Plans the capacity for a workload: sizes, costs, limits. Reads no AWS, no clock and no files."""

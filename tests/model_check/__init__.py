"""The whole function in random worlds, on a clock that nobody waits for: docs/model-check.md."""

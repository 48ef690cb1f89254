"""Seeded harm to the whole system, and the account that must close after it: docs/chaos.md."""

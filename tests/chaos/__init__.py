"""Seeded fault injection into the whole system, and the reconciliation afterwards: docs/chaos.md."""

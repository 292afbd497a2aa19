"""Planted truth: counts and papers whose trends are known."""

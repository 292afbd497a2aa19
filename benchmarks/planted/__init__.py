"""Measurements on tables of counts whose truth was planted."""

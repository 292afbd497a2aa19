"""Topic tools that people use today, and this project, on the same papers in one run."""

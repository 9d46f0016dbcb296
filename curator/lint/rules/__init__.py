"""The rules of lint, one module for each group; a new one registers itself."""

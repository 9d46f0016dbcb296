"""Finds the defects of data sets that exist already, without a workspace."""

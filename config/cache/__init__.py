"""Answers kept under the versions of what they were made from: nothing is deleted, and nothing can be stale."""

"""Processes that take runs from the queue (``manage.py worker``)."""

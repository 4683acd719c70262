"""The method, formula by formula (docs/method.md); model.py puts them in order."""

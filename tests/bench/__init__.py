"""`make bench`: the figures an issue asks for, measured here and kept in var/bench.json."""

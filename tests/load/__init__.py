"""The product under load: a large data set, and simulated users (`make load USERS=200`)."""

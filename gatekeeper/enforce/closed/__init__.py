"""Running another program with the network closed."""

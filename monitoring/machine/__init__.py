"""This machine and its event loop: how much they do, what holds them."""

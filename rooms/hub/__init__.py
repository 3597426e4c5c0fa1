"""The rooms of this hub: who holds which, who enters, what ends them."""

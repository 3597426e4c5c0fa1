"""What a line carries: arrivals and losses become estimates, estimates become rates."""

"""What sites answer when they are invited: who attends, and who runs the equipment."""

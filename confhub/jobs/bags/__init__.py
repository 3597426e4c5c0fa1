"""What a postman carries."""

"""The API for other systems as a page for people, made from its OpenAPI document."""

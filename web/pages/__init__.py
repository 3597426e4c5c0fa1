"""Page handlers, one module a family of pages."""

"""Connections and transactions: engines, writers, failures, backups, migration."""

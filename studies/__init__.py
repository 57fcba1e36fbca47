"""How the tables and figures of docs/studies.md are made."""

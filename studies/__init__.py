"""How the studies of docs/studies.md are made from kept runs."""

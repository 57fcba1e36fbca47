"""How the studies of docs/results/studies.md are made from kept runs."""

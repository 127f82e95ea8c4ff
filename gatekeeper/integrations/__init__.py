"""Where data pipelines meet the gate: datasets in memory, and guards for code that uses them."""

"""The policy enforcement point: a decision's route is taken here, and nowhere else."""

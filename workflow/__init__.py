"""Runs a task graph on one machine or a cluster: Snakemake decides when, `run_task` runs one task definition on a host."""

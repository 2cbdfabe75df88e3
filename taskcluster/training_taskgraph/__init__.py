"""The training graph: what Taskgraph needs to expand a training config into tasks."""

from importlib import import_module


def register(graph_config):
    """Called by Taskgraph before it loads anything; each module registers what it has."""
    for module in ("parameters", "target_tasks", "verifications", "actions.train", "actions.rebuild_docker_images"):
        import_module(f"{__name__}.{module}")

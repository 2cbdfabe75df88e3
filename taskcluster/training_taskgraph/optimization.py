"""Which finished tasks of the index may stand in for tasks of a graph: by default all that have the same digest.

Each mapping, from names of strategies to strategies, can be named by the parameter `optimize_strategies`.
"""

from taskgraph.optimize.base import OptimizationStrategy
from taskgraph.optimize.strategies import IndexSearch

from training_taskgraph.parameters import IMAGES


class ImageSearch(IndexSearch):
    """Takes docker images from the index and nothing else.

    A run that is to find out whether everything still works must not be answered with the results of an earlier one.
    """

    def should_replace_task(self, task, params, deadline, arg):
        return super().should_replace_task(task, params, deadline, arg) if task.kind == IMAGES else False


images_only = {"index-search": ImageSearch()}
# Without a network nothing is known to be finished.
offline = {"index-search": OptimizationStrategy()}

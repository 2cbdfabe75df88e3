"""The least project that Taskgraph makes a graph of: a task that is cached, one that needs it, and one on its own."""

from pathlib import Path

from tests.taskcluster.taskgraph_commands import commit_all

REPOSITORY = "https://github.com/example/tiny"

FILES = {
    ".taskcluster.yml": """
version: 1
reporting: checks-v1
tasks:
  - $let:
      decisionId: {$if: 'tasks_for == "github-push"', then: {$eval: 'as_slugid("decision")'}, else: {$eval: ownTaskId}}
      branch: {$if: 'tasks_for == "github-push"', then: '${event.ref}', else: '${push.branch}'}
      revision: {$if: 'tasks_for == "github-push"', then: '${event.after}', else: '${push.revision}'}
    in:
      $if: 'tasks_for in ["cron", "action"] || (tasks_for == "github-push" && branch == "refs/heads/main")'
      then:
        # A hook chooses the id of its task.
        taskId: {$if: 'tasks_for != "action"', then: '${decisionId}'}
        taskGroupId: {$if: 'tasks_for == "action"', then: '${action.taskGroupId}', else: '${decisionId}'}
        schedulerId: tiny-level-1
        created: {$fromNow: ''}
        deadline: {$fromNow: '1 day'}
        provisionerId: tiny-1
        workerType: decision
        scopes:
          - {$if: 'tasks_for == "action"', then: '${action.repo_scope}', else: 'assume:repo:github.com/example/tiny:branch:main'}
        routes:
          $if: 'tasks_for == "action"'
          then: ['index.tiny.v2.tiny.revision.${revision}.actions.${ownTaskId}']
          else: ['index.tiny.v2.tiny.revision.${revision}.taskgraph.decision']
        payload:
          env:
            $if: 'tasks_for == "action"'
            then:
              ACTION_CALLBACK: '${action.cb_name}'
              ACTION_INPUT: {$json: {$eval: input}}
              ACTION_TASK_ID: {$json: {$eval: taskId}}
              ACTION_TASK_GROUP_ID: '${taskGroupId}'
            else: {}
        metadata:
          name: {$if: 'tasks_for == "action"', then: 'action ${action.name}', else: decision}
          description: ''
          owner: someone@example.com
          source: https://github.com/example/tiny
""",
    "corpus.txt": "Hello\n",
    "taskcluster/config.yml": """
trust-domain: tiny
task-priority: low
taskgraph:
  repositories:
    tiny: {name: tiny}
workers:
  aliases:
    cpu: {provisioner: 'tiny-{level}', implementation: docker-worker, os: linux, worker-type: cpu}
""",
    "taskcluster/kinds/corpus/kind.yml": """
loader: taskgraph.loader.transform:loader
transforms: [taskgraph.transforms.cached_tasks:transforms, taskgraph.transforms.task:transforms]
tasks:
  clean:
    label: corpus-clean
    attributes: {}
    description: Cleans the corpus.
    worker-type: cpu
    worker: &worker {docker-image: 'debian:12', max-run-time: 60, command: ['true']}
    cache: {type: corpus, name: clean, digest-data: ['1']}
  other:
    label: corpus-other
    description: Has nothing to do with the others.
    worker-type: cpu
    worker: *worker
""",
    "taskcluster/kinds/train/kind.yml": """
loader: taskgraph.loader.transform:loader
transforms: [taskgraph.transforms.task:transforms]
kind-dependencies: [corpus]
tasks:
  student:
    description: Trains on the corpus.
    worker-type: cpu
    dependencies: {corpus: corpus-clean}
    attributes: {retrigger: true}
    worker: {docker-image: 'debian:12', max-run-time: 60, command: ['true']}
""",
}


def write_tiny_project(folder: Path) -> Path:
    """A repository with one commit."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip())
    commit_all(folder)
    return folder

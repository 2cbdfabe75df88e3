"""The endpoints of the queue, the index, and the services for hooks, secrets, scopes and emails.

What each accepts, answers and refuses: https://docs.taskcluster.net/docs/reference
"""

from urllib.parse import quote

from jsone import JSONTemplateError
from jsonschema import Draft6Validator

from tests.taskcluster.loopback_api import ApiError, Call, Reply, endpoint, is_past, page
from tests.taskcluster.loopback_deployment import MAXIMUM_RUNS, Artifact, Deployment, Task

ARTIFACTS = "/artifacts"  # where the content of artifacts lies, as in a bucket of its own


def found(deployment: Deployment, task_id: str) -> Task:
    if task_id not in deployment.tasks:
        raise ApiError("ResourceNotFound", f"`{task_id}` does not correspond to a task that exists.\nAre you sure this task exists?")
    return deployment.tasks[task_id]


def status(task: Task) -> dict:
    return {"status": task.status()}


@endpoint("Queue", "createTask")
def create_task(deployment: Deployment, call: Call) -> dict:
    return status(deployment.create_task(call.parameters["taskId"], call.valid_body(), call.scopes))


@endpoint("Queue", "task")
def task_definition(deployment: Deployment, call: Call) -> dict:
    return found(deployment, call.parameters["taskId"]).definition


@endpoint("Queue", "status")
def task_status(deployment: Deployment, call: Call) -> dict:
    return status(found(deployment, call.parameters["taskId"]))


@endpoint("Queue", "tasks")
def task_definitions(deployment: Deployment, call: Call) -> dict:
    tasks, more = page(_existing(deployment, call), call.query, deployment.page_size)
    return {"tasks": [{"taskId": task.task_id, "task": task.definition} for task in tasks], **more}


@endpoint("Queue", "statuses")
def task_statuses(deployment: Deployment, call: Call) -> dict:
    tasks, more = page(_existing(deployment, call), call.query, deployment.page_size)
    return {"statuses": [{"taskId": task.task_id, **status(task)} for task in tasks], **more}


def _existing(deployment: Deployment, call: Call) -> list[Task]:
    """A task that does not exist is left out."""
    return [deployment.tasks[task_id] for task_id in sorted(set(call.valid_body().get("taskIds", []))) if task_id in deployment.tasks]


@endpoint("Queue", "listTaskGroup")
def list_task_group(deployment: Deployment, call: Call) -> dict:
    group = call.parameters["taskGroupId"]
    members = deployment.group(group)
    if not members:
        raise ApiError("ResourceNotFound", f"No task-group with taskGroupId: `{group}`")
    tasks, more = page(members, call.query, deployment.page_size)
    return {
        "taskGroupId": group,
        "schedulerId": members[0].definition["schedulerId"],
        "expires": max(task.definition["expires"] for task in members),
        "tasks": [{**status(task), "task": task.definition} for task in tasks],
        **more,
    }


@endpoint("Queue", "cancelTask")
def cancel_task(deployment: Deployment, call: Call) -> dict:
    task = _changeable(deployment, call, "cancel", "canceled")
    deployment.cancel(task.task_id)
    return status(task)


@endpoint("Queue", "rerunTask")
def rerun_task(deployment: Deployment, call: Call) -> dict:
    task = _changeable(deployment, call, "rerun", "rescheduled")
    if task.state not in ("pending", "running"):
        if len(task.runs) >= MAXIMUM_RUNS:
            raise ApiError("RequestConflict", f"Maximum number of runs reached ({MAXIMUM_RUNS}).")
        task.open_run("rerun")
    return status(task)


def _changeable(deployment: Deployment, call: Call, verb: str, participle: str) -> Task:
    """The task, if the caller may do that with it and it is not past its deadline."""
    task = found(deployment, call.parameters["taskId"])
    definition = task.definition
    call.require(f"queue:{verb}-task:{definition['schedulerId']}/{definition['taskGroupId']}/{task.task_id}")
    if is_past(definition["deadline"]):
        raise ApiError("RequestConflict", f"Task `{task.task_id}` can't be {participle} past its deadline of {definition['deadline']}.")
    return task


@endpoint("Queue", "listArtifacts")
@endpoint("Queue", "listLatestArtifacts")
def list_artifacts(deployment: Deployment, call: Call) -> dict:
    _, artifacts = _run_artifacts(deployment, call)
    listed, more = page(sorted(artifacts.values(), key=lambda artifact: artifact.name), call.query, deployment.page_size)
    return {"artifacts": [artifact.described() for artifact in listed], **more}


@endpoint("Queue", "getArtifact")
@endpoint("Queue", "getLatestArtifact")
def get_artifact(deployment: Deployment, call: Call) -> Reply:
    """A redirect that a browser or fetch-content follows, with the same address as JSON, which the official clients return."""
    name = call.parameters["name"]
    if not name.startswith("public/"):
        call.require(f"queue:get-artifact:{name}")
    run_id, artifacts = _run_artifacts(deployment, call)
    if name not in artifacts:
        raise ApiError("ResourceNotFound", "Artifact not found")
    url = f"{deployment.root_url}{ARTIFACTS}/{call.parameters['taskId']}/{run_id}/{quote(name)}"
    return Reply({"storageType": "s3", "url": url}, 303, {"Location": url, "x-taskcluster-artifact-storage-type": "s3"})


def _run_artifacts(deployment: Deployment, call: Call) -> tuple[int, dict[str, Artifact]]:
    """The run that is asked for, or the latest, and what it published that has not expired."""
    task = found(deployment, call.parameters["taskId"])
    run_id = int(call.parameters.get("runId", len(task.runs) - 1))
    if not 0 <= run_id < len(task.runs):
        raise ApiError("ResourceNotFound", f"Task with taskId: `{task.task_id}` has no run with runId: {max(run_id, 0)}")
    return run_id, {name: artifact for name, artifact in task.artifacts[run_id].items() if not is_past(artifact.expires)}


@endpoint("Index", "findTask")
def find_task(deployment: Deployment, call: Call) -> dict:
    if entry := deployment.indexed(call.parameters["indexPath"]):
        return entry
    raise ApiError("ResourceNotFound", "Indexed task not found")


@endpoint("Index", "findTasksAtIndex")
def find_tasks_at_index(deployment: Deployment, call: Call) -> dict:
    entries = [deployment.indexed(path) for path in sorted(set(call.valid_body("indexes")["indexes"]))]
    tasks, more = page([entry for entry in entries if entry], call.query, deployment.page_size)
    return {"tasks": tasks, **more}


@endpoint("Index", "listTasks")
def list_indexed_tasks(deployment: Deployment, call: Call) -> dict:
    """Those immediately below the namespace."""
    paths = [path for path in sorted(deployment.index) if path.rpartition(".")[0] == call.parameters["namespace"]]
    tasks, more = page([entry for path in paths if (entry := deployment.indexed(path))], call.query, deployment.page_size)
    return {"tasks": tasks, **more}


@endpoint("Index", "insertTask")
def insert_task(deployment: Deployment, call: Call) -> dict:
    namespace = call.parameters["namespace"]
    call.require(f"index:insert-task:{namespace}")
    body = call.valid_body("taskId", "rank", "data", "expires")
    return deployment.insert(namespace, body["taskId"], body["rank"], body["expires"], body["data"])


@endpoint("Index", "findArtifactFromTask")
def find_artifact_from_task(deployment: Deployment, call: Call) -> Reply:
    task_id = find_task(deployment, call)["taskId"]
    url = f"{deployment.root_url}/api/queue/v1/task/{task_id}/artifacts/{quote(call.parameters['name'])}"
    return Reply(f"See Other. Redirecting to {url}".encode(), 303, {"Location": url})


@endpoint("Hooks", "triggerHook")
def trigger_hook(deployment: Deployment, call: Call) -> dict:
    """What goes wrong as the hook's task is created is an error of the caller's as well."""
    key = call.parameters["hookGroupId"], call.parameters["hookId"]
    call.require(f"hooks:trigger-hook:{'/'.join(key)}")
    if key not in deployment.hooks:
        raise ApiError("ResourceNotFound", "No such hook")
    hook, payload = deployment.hooks[key], call.valid_body()
    if problems := [f"{error.json_path}: {error.message}" for error in Draft6Validator(hook.trigger_schema).iter_errors(payload)]:
        raise ApiError("InputError", "; ".join(problems))
    try:
        task_id = deployment.fire(hook, payload, "loopback/caller")
    except ApiError as error:
        code = "InsufficientScopes" if error.code == "InsufficientScopes" else "InputError"
        raise ApiError(code, f"While calling createTask: {error.code}\n\n{error.message}") from error
    except JSONTemplateError as error:
        raise ApiError("InputError", f"While firing hook:\n\n{error}") from error
    return {"taskId": task_id, "status": {"taskId": task_id}} if task_id else {}


@endpoint("Secrets", "get")
def get_secret(deployment: Deployment, call: Call) -> dict:
    name = call.parameters["name"]
    call.require(f"secrets:get:{name}")
    if name not in deployment.secrets:
        raise ApiError("ResourceNotFound", "Secret not found")
    return {"secret": deployment.secrets[name], "expires": "9999-12-31T23:59:59.999Z"}


@endpoint("Auth", "currentScopes")
def current_scopes(deployment: Deployment, call: Call) -> dict:
    return {"scopes": list(call.scopes)}


@endpoint("Notify", "email")
def email(deployment: Deployment, call: Call) -> dict:
    body = call.valid_body("address", "subject", "content")
    call.require(f"notify:email:{body['address']}")
    deployment.emails.append(body)
    return {}

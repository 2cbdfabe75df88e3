"""What a step's task has besides where it runs on Taskcluster: what it resumes from, secrets, tracking, messages.

None of it changes a result, so none of it is in a digest; and a local run has none of it.
"""

import json
import shlex
from typing import Any

from training_taskgraph.parameters import training_config
from training_taskgraph.placeholders import Placeholders
from training_taskgraph.trust import is_untrusted

RESUME = "taskcluster/scripts/resume.py"
WITH_SECRETS = "taskcluster/scripts/with_secrets.py"
TRACKED = "pipeline.track.run_tracked"
SECRETS = "TASK_SECRETS"


def on_worker(task: dict[str, Any], step: dict[str, Any], placeholders: Placeholders, config: Any) -> dict[str, Any]:
    """The task, completed for the worker that its graph is made for."""
    if not config.params["tasks_for"]:
        return task
    training = training_config(config.params)
    environment, command = task["worker"]["env"], task["run"]["command"]
    secrets: dict[str, Any] = {}
    trusted = not is_untrusted(config.params)
    if trusted and step.get("tracked") and training["wandb-publication"]:
        # The same id in every run of the task, so that a resumed training continues its curve.
        experiment = training["experiment"]
        about = shlex.quote(json.dumps(experiment, sort_keys=True))
        command = f'env WANDB_RUN_ID="$TASK_ID" python3 -m {TRACKED} --log-dir "$WORK_DIR" --config {about} -- {command}'
        environment |= {
            "WANDB_PROJECT": f"{experiment['src']}-{experiment['trg']}",
            "WANDB_RUN_GROUP": experiment["name"],
            "WANDB_NAME": f"{config.kind}-{task['name']}",
        }
        secrets["WANDB_API_KEY"] = {"secret": secret_name("wandb", config), "key": "token", "required": False}
    for variable, template in (step.get("secrets") or {}).items() if trusted else ():
        (name,) = placeholders.texts(template)
        secrets[variable] = {"secret": secret_name(name, config), "file": True, "required": True}
    if step.get("decision-artifacts"):
        environment["MOZ_FETCHES"] = also_of_decision(environment["MOZ_FETCHES"]["task-reference"], step["decision-artifacts"])
    if secrets:
        command = f"python3 {WITH_SECRETS} {command}"
        environment[SECRETS] = json.dumps(secrets, sort_keys=True)
        task["scopes"] = [f"secrets:get:{secret['secret']}" for secret in secrets.values()]
    if step.get("resumes"):
        command = f"python3 {RESUME} {shlex.quote(step['resumes'])} && {command}"
    task["run"]["command"] = command
    task["routes"] = mail_routes(task, training, config)
    return task


def mail_routes(task: dict[str, Any], training: dict[str, Any], config: Any) -> list[str]:
    """Who is written to when the task of a training fails, or one that the training is for is done."""
    if config.params["target_tasks_method"] != "train" or config.params["tasks_for"] == "cron":
        return []
    reasons = ["on-failed"]
    if task["attributes"]["stage"] == training["target-stage"]:
        reasons.append("on-completed")
    return [f"notify.email.{address}.{reason}" for reason in reasons for address in config.graph_config["training-mail"][reason]]


def also_of_decision(fetches: str, artifacts: list[str]) -> dict[str, str]:
    """The fetches and those of the task that made the graph, whose artifacts are there before any of its tasks begins."""
    mine = [
        {"artifact": f"public/{artifact}", "dest": "decision", "extract": False, "task": "<decision>", "verify-hash": True}
        for artifact in artifacts
    ]
    return {"task-reference": json.dumps([*json.loads(fetches), *mine], sort_keys=True)}


def secret_name(name: str, config: Any) -> str:
    """The secret's name in Taskcluster's service: those of another level are out of reach."""
    return f"project/{config.graph_config['trust-domain']}/level-{config.params['level']}/{name}"

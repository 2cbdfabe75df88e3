"""What `.taskcluster.yml` is rendered for: events as GitHub sends them, and what the hooks of a deployment give for cron and actions.

The events follow https://docs.github.com/webhooks/webhook-events-and-payloads, down to fields that nobody needs. Two of them become what
they are in Taskcluster-GitHub: a pull request is untrusted where its author or the owner of its head is no collaborator, and a comment gets
its command and the pull request that it stands below. Deployments of today drop an event that says [skip ci] or [ci skip] in the title or
body of a pull request or in the message of a head commit, older ones render it; a closed pull request and a deleted branch are rendered.
"""

from typing import Any

Json = dict[str, Any]

OWNER, NAME = "browser-translations", "training"
URL = f"https://github.com/{OWNER}/{NAME}"
COLLABORATOR, CONTRIBUTOR = "collaborator", "contributor"
NOTHING, BASE, HEAD, PREVIOUS = "0" * 40, "ba5e" * 10, "4ead" * 10, "01d0" * 10
TASK_ID, GROUP_ID, OWN_ID, CRON_ID = (f"{name}Q2CAAAAAAAAAAg" for name in ("ActedOnA", "GroupIdA", "OwnTaskI", "CronTask"))


def user(login: str, kind: str = "User") -> Json:
    return {
        "login": login,
        "id": sum(login.encode()),
        "node_id": "U_kgDOA1b2Cw",
        "avatar_url": f"https://avatars.example.com/u/{login}",
        "gravatar_id": "",
        "url": f"https://api.github.com/users/{login}",
        "html_url": f"https://github.com/{login}",
        "type": kind,
        "site_admin": False,
    }


def repository(owner: str = OWNER, *, fork: bool = False) -> Json:
    full_name = f"{owner}/{NAME}"
    return {
        "id": sum(full_name.encode()),
        "node_id": "R_kgDOH3kDzA",
        "name": NAME,
        "full_name": full_name,
        "private": False,
        "owner": user(owner, "User" if fork else "Organization") | {"name": owner, "email": None},
        "html_url": f"https://github.com/{full_name}",
        "description": "Trains translation models",
        "fork": fork,
        "url": f"https://api.github.com/repos/{full_name}",
        "created_at": "2024-01-08T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "pushed_at": "2026-01-05T09:30:00Z",
        "git_url": f"git://github.com/{full_name}.git",
        "ssh_url": f"git@github.com:{full_name}.git",
        "clone_url": f"https://github.com/{full_name}.git",
        "homepage": None,
        "size": 4096,
        "language": "Python",
        "archived": False,
        "disabled": False,
        "visibility": "public",
        "default_branch": "main",
    }


COMMON: Json = {"repository": repository(), "organization": user(OWNER, "Organization"), "installation": {"id": 5808}}


def pull_request(author: str, *, fork: bool, **changes: Any) -> Json:
    """One with the number 36, of a branch of the repository itself or of its author's fork."""
    head_owner = author if fork else OWNER
    return {
        "url": f"https://api.github.com/repos/{OWNER}/{NAME}/pulls/36",
        "id": 101497214,
        "node_id": "PR_kwDOH3kDzM5x",
        "html_url": f"{URL}/pull/36",
        "diff_url": f"{URL}/pull/36.diff",
        "number": 36,
        "state": "open",
        "locked": False,
        "title": "Clean the corpus again",
        "user": user(author),
        "body": "Some lines were left.",
        "created_at": "2026-01-05T09:30:00Z",
        "updated_at": "2026-01-05T09:30:00Z",
        "closed_at": None,
        "merged_at": None,
        "merge_commit_sha": None,
        "assignees": [],
        "requested_reviewers": [],
        "labels": [],
        "draft": False,
        "head": {
            "label": f"{head_owner}:clean-again",
            "ref": "clean-again",
            "sha": HEAD,
            "user": user(head_owner),
            "repo": repository(head_owner, fork=fork),
        },
        "base": {"label": f"{OWNER}:main", "ref": "main", "sha": BASE, "user": user(OWNER, "Organization"), "repo": repository()},
        "author_association": "CONTRIBUTOR" if fork else "COLLABORATOR",
        "merged": False,
        "mergeable": True,
        "comments": 0,
        "commits": 2,
        "additions": 8,
        "deletions": 3,
        "changed_files": 2,
        **changes,
    }


def pull_request_event(action: str, *, fork: bool = False, extra: Json | None = None, **changes: Any) -> Json:
    """The context of one: `changes` are those of the pull request, `extra` what the event has beside it."""
    author = CONTRIBUTOR if fork else COLLABORATOR
    event = {"action": action, "number": 36, "pull_request": pull_request(author, fork=fork, **changes), **(extra or {}), **COMMON}
    tasks_for = "github-pull-request-untrusted" if fork else "github-pull-request"
    return {"tasks_for": tasks_for, "event": event | {"sender": user(author)}}


def commit(sha: str, message: str) -> Json:
    person = {"name": "Someone", "email": "someone@example.com", "username": COLLABORATOR, "date": "2026-01-05T09:30:00Z"}
    return {
        "id": sha,
        "tree_id": "7ee0" * 10,
        "distinct": True,
        "message": message,
        "timestamp": "2026-01-05T10:30:00+01:00",
        "url": f"{URL}/commit/{sha}",
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": ["pipeline/clean/clean_parallel.py"],
    }


def push_event(ref: str, *, message: str = "Clean the corpus again", before: str = BASE, after: str = HEAD, **changes: Any) -> Json:
    head = None if after == NOTHING else commit(after, message)
    event = {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NOTHING,
        "deleted": after == NOTHING,
        "forced": False,
        "base_ref": None,
        "compare": f"{URL}/compare/{before[:12]}...{after[:12]}",
        "commits": [head] if head else [],
        "head_commit": head,
        "pusher": {"name": COLLABORATOR, "email": "someone@example.com"},
        "sender": user(COLLABORATOR),
        **COMMON,
        # Here alone GitHub gives the repository's page as its URL, and seconds as dates.
        "repository": {**repository(), "url": URL, "created_at": 1704704400, "pushed_at": 1767605400, "master_branch": "main"},
        **changes,
    }
    return {"tasks_for": "github-push", "event": event}


def release_event(action: str) -> Json:
    release = {
        "url": f"https://api.github.com/repos/{OWNER}/{NAME}/releases/1",
        "html_url": f"{URL}/releases/tag/v1.0",
        "id": 1,
        "author": user(COLLABORATOR),
        "tag_name": "v1.0",
        "target_commitish": "main",
        "name": "1.0",
        "draft": False,
        "prerelease": False,
        "created_at": "2026-01-05T09:30:00Z",
        "published_at": "2026-01-05T09:40:00Z",
        "assets": [],
        "tarball_url": f"https://api.github.com/repos/{OWNER}/{NAME}/tarball/v1.0",
        "zipball_url": f"https://api.github.com/repos/{OWNER}/{NAME}/zipball/v1.0",
        "body": "The first one.",
    }
    return {"tasks_for": "github-release", "event": {"action": action, "release": release, "sender": user(COLLABORATOR), **COMMON}}


def comment_event(command: str) -> Json:
    """A collaborator's comment below a pull request of a fork. It is rendered where the file's policy allows comments."""
    issue = {
        "url": f"https://api.github.com/repos/{OWNER}/{NAME}/issues/36",
        "html_url": f"{URL}/pull/36",
        "id": 101497215,
        "number": 36,
        "title": "Clean the corpus again",
        "user": user(CONTRIBUTOR),
        "labels": [],
        "state": "open",
        "locked": False,
        "comments": 1,
        "created_at": "2026-01-05T09:30:00Z",
        "updated_at": "2026-01-05T09:50:00Z",
        "pull_request": {"url": f"https://api.github.com/repos/{OWNER}/{NAME}/pulls/36", "html_url": f"{URL}/pull/36"},
        "body": "Some lines were left.",
    }
    comment = {
        "url": f"https://api.github.com/repos/{OWNER}/{NAME}/issues/comments/2158396678",
        "html_url": f"{URL}/pull/36#issuecomment-2158396678",
        "id": 2158396678,
        "user": user(COLLABORATOR),
        "created_at": "2026-01-05T09:50:00Z",
        "updated_at": "2026-01-05T09:50:00Z",
        "author_association": "COLLABORATOR",
        "body": f"/taskcluster {command}",
    }
    event = {"action": "created", "issue": issue, "comment": comment, "sender": user(COLLABORATOR), **COMMON}
    added = {"taskcluster_comment": command, "pull_request": pull_request(CONTRIBUTOR, fork=True)}
    return {"tasks_for": "github-issue-comment", "event": event | added}


PUSHED: Json = {"extra": {"before": PREVIOUS, "after": HEAD}}
CLOSED: Json = {"state": "closed", "closed_at": "2026-01-06T09:30:00Z"}
MERGED: Json = {**CLOSED, "merged": True, "merged_at": "2026-01-06T09:30:00Z", "merge_commit_sha": "3e9e" * 10}

GITHUB: dict[str, Json] = {
    **{f"pull request {action}": pull_request_event(action) for action in ("opened", "reopened", "edited", "ready_for_review")},
    **{f"pull request of a fork {action}": pull_request_event(action, fork=True) for action in ("opened", "reopened", "edited")},
    "pull request pushed to": pull_request_event("synchronize", **PUSHED),
    "pull request of a fork pushed to": pull_request_event("synchronize", fork=True, **PUSHED),
    "pull request closed": pull_request_event("closed", **CLOSED),
    "pull request merged": pull_request_event("closed", **MERGED),
    "pull request of a fork closed": pull_request_event("closed", fork=True, **CLOSED),
    "pull request labeled": pull_request_event("labeled", extra={"label": {"id": 1, "name": "corpus", "color": "ededed"}}),
    "pull request assigned": pull_request_event("assigned", extra={"assignee": user(COLLABORATOR)}),
    "draft pull request opened": pull_request_event("opened", draft=True),
    "pull request with [skip ci] in its title": pull_request_event("opened", title="[skip ci] Clean the corpus again"),
    "pull request with [skip ci] in its body": pull_request_event("opened", body="Some lines were left.\n\n[skip ci]"),
    "pull request without a body": pull_request_event("opened", body=None),
    "push to main": push_event("refs/heads/main"),
    "push to another branch": push_event("refs/heads/clean-again"),
    "push of a new branch": push_event("refs/heads/feature/clean-again", before=NOTHING),
    "push to main, forced": push_event("refs/heads/main", forced=True),
    "push with [skip ci] in its message": push_event("refs/heads/main", message="Clean the corpus again\n\n[skip ci]"),
    "push of a tag": push_event("refs/tags/v1.0", before=NOTHING, base_ref="refs/heads/main"),
    "push that deletes a branch": push_event("refs/heads/clean-again", after=NOTHING),
    "push that deletes a tag": push_event("refs/tags/v1.0", after=NOTHING),
    **{f"release {action}": release_event(action) for action in ("published", "created", "deleted")},
    "comment": comment_event("train"),
}


REPOSITORY: Json = {"url": URL, "project": NAME, "level": "1"}

CRON: Json = {
    "tasks_for": "cron",
    "taskcluster_root_url": "https://tc.example.com",
    "repository": REPOSITORY,
    "push": {"owner": "cron", "branch": "main", "revision": HEAD},
    "cron": {
        "task_id": CRON_ID,
        "job_name": "weekly",
        "job_symbol": "w",
        "quoted_args": "--target-tasks-method=weekly",
        "input": {},
    },
    "ownTaskId": OWN_ID,
}

# No `as_slugid` and no `taskcluster_root_url` here: hooks give neither.
ACTION: Json = {
    "tasks_for": "action",
    "action": {
        "name": "train",
        "title": "Train",
        "description": "Trains a model.",
        "taskGroupId": GROUP_ID,
        "symbol": "train",
        "cb_name": "train",
        "repo_scope": f"assume:repo:github.com/{OWNER}/{NAME}:action:generic",
        "action_perm": "generic",
    },
    "repository": {**REPOSITORY, "base_url": URL},
    "push": {
        "owner": "mozilla-taskcluster-maintenance@mozilla.com",
        "pushlog_id": "0",
        "revision": HEAD,
        "base_revision": BASE,
        "branch": "refs/heads/main",
        "base_branch": "main",
    },
    "input": {"target-stage": "all"},
    "parameters": None,
    "taskId": None,
    "taskGroupId": GROUP_ID,
    "ownTaskId": OWN_ID,
    # The hooks service's own.
    "clientId": f"github/{sum(COLLABORATOR.encode())}|{COLLABORATOR}",
    "firedBy": "triggerHook",
}

ACTION_ON_A_TASK: Json = {
    **ACTION,
    "input": None,
    "taskId": TASK_ID,
    "action": {**ACTION["action"], "name": "retrigger", "cb_name": "retrigger"},
}

# An action for a pull request of a fork: the code is the fork's, the scopes are those of the repository that it is for.
PULL_REQUEST_ACTION: Json = {
    **ACTION,
    "tasks_for": "pr-action",
    "repository": {"url": f"https://github.com/{CONTRIBUTOR}/{NAME}", "project": NAME, "level": "1", "base_url": URL},
    "push": {**ACTION["push"], "branch": "clean-again"},
}

HOOKS: dict[str, Json] = {
    "cron": CRON,
    "action": ACTION,
    "action on a task": ACTION_ON_A_TASK,
    "action on a pull request": PULL_REQUEST_ACTION,
}

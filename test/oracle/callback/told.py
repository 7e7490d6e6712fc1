"""Writes what ansible-playbook reports as NDJSON, one object a line, into the file that TOLD names (see ../_ansible.ts)."""

import json
import os

from ansible import constants as C
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "told"

    def __init__(self):
        super().__init__()
        self.file = open(os.environ["TOLD"], "w", encoding="utf-8")

    def tell(self, **event):
        self.file.write(json.dumps(event, cls=AnsibleJSONEncoder) + "\n")
        self.file.flush()

    def start(self, task):
        if task.action in C._ACTION_META:
            return
        role = task._role.get_name() if task._role else None
        self.tell(type="task", id=task._uuid, name=task.name, action=task.action, role=role, handler=isinstance(task, Handler))

    def end(self, kind, result, status):
        if result._task.action in C._ACTION_META:
            return
        self.tell(type=kind, id=result._task._uuid, host=result._host.get_name(), status=status, result=result._result)

    @staticmethod
    def good(result):
        return "changed" if result._result.get("changed") else "ok"

    def v2_playbook_on_play_start(self, play):
        self.tell(type="play", name=play.get_name())

    def v2_playbook_on_no_hosts_matched(self):
        self.tell(type="no-hosts", why="no match")

    def v2_playbook_on_no_hosts_remaining(self):
        self.tell(type="no-hosts", why="none left")

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.start(task)

    def v2_playbook_on_handler_task_start(self, task):
        self.start(task)

    def v2_playbook_on_include(self, included):
        hosts = [host.get_name() for host in included._hosts]
        self.tell(type="included", id=included._task._uuid, file=str(included._filename), hosts=hosts)

    def v2_runner_on_ok(self, result):
        self.end("outcome", result, self.good(result))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.end("outcome", result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.end("outcome", result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.end("outcome", result, "unreachable")

    def v2_runner_item_on_ok(self, result):
        self.end("item", result, self.good(result))

    def v2_runner_item_on_failed(self, result):
        self.end("item", result, "failed")

    def v2_runner_item_on_skipped(self, result):
        self.end("item", result, "skipped")

    def v2_playbook_on_stats(self, stats):
        names = {"failures": "failed"}
        self.tell(type="recap", hosts={h: {names.get(k, k): n for k, n in stats.summarize(h).items()} for h in stats.processed})

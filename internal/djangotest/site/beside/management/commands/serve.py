"""Serves the project like runserver, on a free port, and takes orders on standard input.

An order is a line of JSON, {"order": "user", "args": {"username": "ada"}}, and so is its answer,
{"result": …} or {"error": "…"}. The first line on standard output is the port. When standard input
ends, so does the program.
"""
import json
import os
import sys
import threading
import traceback

from django.core.management.base import BaseCommand
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Command(BaseCommand):
    requires_system_checks = []

    def handle(self, *args, **options):
        answers, sys.stdout = sys.stdout, sys.stderr  # nobody else writes between the answers
        server = WSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, file=answers, flush=True)
        from beside import orders

        orders.server = server
        for line in sys.stdin:
            order = json.loads(line)
            try:
                answer = {"result": orders.named[order["order"]](**order["args"])}
            except Exception:
                answer = {"error": traceback.format_exc(limit=-3)}
            finally:
                connections.close_all()
            print(json.dumps(answer), file=answers, flush=True)
        os._exit(0)

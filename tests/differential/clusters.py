"""The two clusters that play a story: the lab, and Apache Kafka 4.3.1. Both have Kafka's timers.

`combined`: nodes 1, 2 and 3 are brokers and voters. `isolated`: brokers 1, 2 and 3, and one controller.
"""
import os
import re
import signal
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BROKERS = (1, 2, 3)
ISOLATED_CONTROLLER = 100


class CannotRun(Exception):
    pass


class Lab:
    name = "lab"

    def __init__(self, brokerlab, folder, mode, settings):
        self.brokerlab = brokerlab
        command = [brokerlab, "up", "--port-base", "0", "--timers", "kafka", "--data", str(folder / "lab")]
        if mode == "isolated":
            command += ["--controllers", "1"]
        for name, value in {"num.partitions": "1", "default.replication.factor": "1", **settings}.items():
            command += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = re.match(r"ready bootstrap=(\S+) socket=(\S+)", self.process.stdout.readline())
        if ready is None:
            raise RuntimeError("brokerlab up did not get ready")
        self.bootstrap, self.socket = ready.groups()
        self.ports = [int(address.rpartition(":")[2]) for address in self.bootstrap.split(",")]

    def shell(self, command):
        done = subprocess.run([self.brokerlab, "shell", "--socket", self.socket, "-c", command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

    def port(self, node):
        return self.ports[node - 1]

    def act(self, action, node):
        self.shell(f"docker {action} kafka{node}")

    def end(self):
        self.process.terminate()
        self.process.wait(30)


class Kafka:
    """One JVM a node. `stop` waits for the end of the process, as `docker stop` does."""
    name = "Kafka 4.3.1"
    heap = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]

    def __init__(self, folder, mode, settings, port_base=26092):
        jars = subprocess.run([HERE.parent / "interop" / "kafka_jars.sh"], capture_output=True, text=True)
        if jars.returncode != 0:
            raise CannotRun(jars.stderr.strip())
        self.java = ["java", *self.heap, "-cp", f"{jars.stdout.strip()}/*"]
        self.folder, self.port_base = folder / "kafka", port_base
        self.processes = {}
        self.nodes = list(BROKERS) + ([ISOLATED_CONTROLLER] if mode == "isolated" else [])
        voters = [ISOLATED_CONTROLLER] if mode == "isolated" else list(BROKERS)
        quorum = ",".join(f"{node}@127.0.0.1:{self.controller_port(node)}" for node in voters)
        for node in self.nodes:
            self.configure(node, voters, quorum, settings)
        for node in self.nodes:
            self.act("start", node)
        self.bootstrap = ",".join(f"127.0.0.1:{self.port(node)}" for node in BROKERS)

    def port(self, node):
        return self.port_base + node

    def controller_port(self, node):
        return self.port_base + 200 + node

    def configure(self, node, voters, quorum, settings):
        roles = [role for role, has in (("broker", node in BROKERS), ("controller", node in voters)) if has]
        listeners = {"broker": f"PLAINTEXT://127.0.0.1:{self.port(node)}",
                     "controller": f"CONTROLLER://127.0.0.1:{self.controller_port(node)}"}
        lines = {
            "process.roles": ",".join(roles), "node.id": node, "controller.quorum.voters": quorum,
            "listeners": ",".join(listeners[role] for role in roles), "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self.folder / str(node) / "data", **settings}
        (self.folder / str(node)).mkdir(parents=True)
        file = self.folder / str(node) / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        format_command = [*self.java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", str(file)]
        subprocess.run(format_command, check=True, capture_output=True)

    def act(self, action, node):
        if action == "start":
            with open(self.folder / str(node) / "server.log", "ab") as log:
                command = [*self.java, "kafka.Kafka", str(self.folder / str(node) / "server.properties")]
                self.processes[node] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            return
        signals = {"stop": signal.SIGTERM, "kill": signal.SIGKILL, "pause": signal.SIGSTOP, "unpause": signal.SIGCONT}
        self.processes[node].send_signal(signals[action])
        if action in ("stop", "kill"):
            self.processes[node].wait(60)

    def end(self):
        for process in self.processes.values():
            if process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)
                process.kill()
        for process in self.processes.values():
            process.wait(30)


def wait_for_port(cluster, connect, limit_s=60):
    """Until every broker answers and knows all of them."""
    end = time.monotonic() + limit_s
    for node in BROKERS:
        while True:
            try:
                if connect(cluster.port(node)).brokers() == list(BROKERS):
                    break
            except OSError:
                pass
            if time.monotonic() > end:
                raise TimeoutError(f"{cluster.name}: node {node} did not get ready")
            time.sleep(0.2)

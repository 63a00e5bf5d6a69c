"""Where each client comes from, and its version. What is fetched goes into build/interop; nothing is installed elsewhere."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[2] / "build" / "interop"


class CannotGet(Exception):
    pass


class Program:
    """How a client's program is called: `command` and then create, list, write or read."""

    def __init__(self, version, command, **environment):
        self.version = version
        self.command = [str(word) for word in command]
        self.environment = {**os.environ, **{name: str(value) for name, value in environment.items()}}


def need(program):
    if shutil.which(program) is None:
        raise CannotGet(f"{program} is not installed")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CannotGet(f"{' '.join(map(str, command))}: {said[-1] if said else 'it failed'}")
    return done.stdout.strip()


def once(folder, what, fetch):
    """Calls fetch(folder) unless the folder holds `what` from an earlier time."""
    stamp = folder / "complete"
    if not stamp.exists() or stamp.read_text() != what:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fetch(folder)
        stamp.write_text(what)
    return folder


def python(program, *packages):
    """A virtual environment with these packages; the first is the client."""

    def fetch(folder):
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages)

    folder = once(BUILD / packages[0].replace("==", "-"), " ".join(packages), fetch)
    return Program(packages[0].split("==")[1], [folder / "bin" / "python", HERE / "python" / program])


def kcat():
    need("kcat")
    banner = run("kcat", "-V")
    version = banner[banner.index("Version ") + len("Version "):].split()[0]
    librdkafka = banner[banner.index("librdkafka ") + len("librdkafka "):].split()[0]
    return Program(f"{version} (librdkafka {librdkafka})", [HERE / "kcat.sh"])


def confluent_kafka_of_debian():
    need("apt-get")
    package = "python3-confluent-kafka"

    def fetch(folder):
        run("apt-get", "download", package, cwd=folder)
        run("dpkg-deb", "-x", next(folder.glob("*.deb")), folder)

    path = once(BUILD / "debian", package, fetch) / "usr" / "lib" / "python3" / "dist-packages"
    say = "import confluent_kafka as c; print(c.version()[0], '(librdkafka ' + c.libversion()[0] + ')')"
    version = run("/usr/bin/python3", "-c", say, env={**os.environ, "PYTHONPATH": str(path)})
    return Program(version, ["/usr/bin/python3", HERE / "python" / "confluent_kafka_story.py"], PYTHONPATH=path)


def go(client, module):
    need("go")
    settings = {**os.environ, "GOMODCACHE": str(BUILD / "go" / "modules"), "GOFLAGS": "-mod=readonly -modcacherw"}
    run("go", "build", "-o", BUILD / "go" / "bin" / client, f"./{client}", cwd=HERE / "go", env=settings)
    version = run("go", "list", "-m", "-f", "{{.Version}}", module, cwd=HERE / "go", env=settings)
    return Program(version.removeprefix("v"), [BUILD / "go" / "bin" / client])


def kafkajs():
    need("node")
    need("npm")

    def fetch(folder):
        shutil.copy(HERE / "node" / "package.json", folder)
        run("npm", "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund", cwd=folder)

    folder = once(BUILD / "node", (HERE / "node" / "package.json").read_text(), fetch)
    version = run("node", "-p", "require('kafkajs/package.json').version", cwd=folder)
    return Program(version, ["node", HERE / "node" / "kafkajs_story.js"], NODE_PATH=folder / "node_modules")


def java():
    need("javac")
    jars = run(HERE.parent / "kafka_jars.sh")
    run("javac", "-cp", f"{jars}/*", "-d", BUILD / "java", HERE / "java" / "Client.java")
    options = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
    return Program("4.3.1", ["java", *options, "-cp", f"{BUILD / 'java'}:{jars}/*", "Client"])


CODECS_OF_KAFKA_PYTHON = ("lz4==4.4.5", "python-snappy==0.7.3", "zstandard==0.25.0")

CLIENTS = {
    "kcat": kcat,
    "confluent-kafka (Debian)": confluent_kafka_of_debian,
    "confluent-kafka": lambda: python("confluent_kafka_story.py", "confluent-kafka==2.16.1"),
    "kafka-python 2": lambda: python("kafka_python_story.py", "kafka-python==2.0.2", *CODECS_OF_KAFKA_PYTHON),
    "kafka-python": lambda: python("kafka_python_story.py", "kafka-python==3.0.12", *CODECS_OF_KAFKA_PYTHON),
    "aiokafka": lambda: python("aiokafka_story.py", "aiokafka==0.14.0", "cramjam==2.11.0"),
    "kafkajs": kafkajs,
    "franz-go": lambda: go("franz-go", "github.com/twmb/franz-go"),
    "sarama": lambda: go("sarama", "github.com/IBM/sarama"),
    "kafka-go": lambda: go("kafka-go", "github.com/segmentio/kafka-go"),
    "java": java,
}

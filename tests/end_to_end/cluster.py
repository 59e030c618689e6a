"""A Slurm of its own: one controller and two nodes on this host, with folders, keys and ports of their own."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time

PROGRAMS = ["munged", "mungekey", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo", "squeue"]
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

OVER = {"COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL", "TIMEOUT", "OUT_OF_MEMORY"}  # states of a job

CONFIGURATION = """
ClusterName=nicohort
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
SlurmctldParameters=enable_configless
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SchedulerType=sched/builtin
ReturnToService=2
InactiveLimit=0
KillWait=1
MinJobAge=300
Waittime=0
SlurmctldTimeout=30
SlurmdTimeout=30
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 State=UNKNOWN
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 State=UNKNOWN
PartitionName=all Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """Why there can be none here; empty if nothing is in the way."""
    absent = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if absent:
        return f"{', '.join(absent)} missing: install slurm-wlm and munge"
    return "" if os.geteuid() == 0 else "Slurm's daemons want root"


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Cluster:
    """Runs as long as it is entered. folder: an empty one, of root."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = os.environ | {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": PATH}
        self.running = []

    def start(self, *words):
        log = open(self.folder / "daemons.log", "a", encoding="utf-8")
        self.running.append(subprocess.Popen(words, env=self.environment, stdout=log, stderr=log))

    def __enter__(self):
        folder = self.folder
        folder.chmod(0o755)
        for name in ("state", "spool.node1", "spool.node2"):
            (folder / name).mkdir()
        host = socket.gethostname().split(".")[0]
        (folder / "slurm.conf").write_text(CONFIGURATION.format(folder=folder, host=host, ports=free_ports(3)))
        try:
            subprocess.run(["mungekey", "--create", f"--keyfile={folder}/munge.key"], env=self.environment, check=True)
            self.start("munged", "--foreground", "--force", f"--key-file={folder}/munge.key", f"--socket={folder}/munge.socket",
                       f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed")
            self.wait_until(lambda: (folder / "munge.socket").exists(), "munged")
            self.start("slurmctld", "-D", "-f", str(folder / "slurm.conf"))
            for node in ("node1", "node2"):
                self.start("slurmd", "-D", "-N", node, "-f", str(folder / "slurm.conf"))
            self.wait_until(lambda: self("sinfo", "--noheader", "--format=%T %D", status=None).stdout.split() == ["idle", "2"], "its nodes")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self("scancel", "--user=root", "--signal=KILL", status=None)
        for daemon in reversed(self.running):
            daemon.terminate()
        for daemon in reversed(self.running):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def __call__(self, *words, status=0, cwd=None):
        done = subprocess.run([*map(str, words)], cwd=cwd or self.folder, env=self.environment, capture_output=True, encoding="utf-8")
        assert status in (None, done.returncode), f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def wait_until(self, is_there, what, seconds=60):
        end = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < end, f"{what} did not come\n{self.logs()}"
            assert all(daemon.poll() is None for daemon in self.running), self.logs()
            time.sleep(0.1)

    def logs(self):
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}" for log in self.folder.glob("*.log"))

    def wait_for(self, jobs):
        """Until these have come to an end, a task of an array as `7_3`: {number: [state, node]}."""
        def found():
            lines = self("squeue", "--states=all", "--array", "--noheader", "--format=%i %T %N").stdout.splitlines()
            return {line.split()[0]: line.split()[1:] for line in lines if line.split()[0] in jobs}

        self.wait_until(lambda: found().keys() == set(jobs) and all(state[0] in OVER for state in found().values()), f"the end of {jobs}")
        return found()

    def exit_status(self, job):
        words = dict(word.split("=", 1) for word in self("scontrol", "show", "job", job).stdout.split() if "=" in word)
        return int(words["ExitCode"].split(":")[0])

"""One case of a sweep in a Slurm job: ``python -m tusk.solver.studies.task SWEEP CASES INDEX``.

The process becomes ``tusk run``, so that signals of the job script reach the run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .pool import one_thread_environment
from .sweep import Sweep


def main(arguments: list[str]) -> None:
    """Become the run of a case, or return if there is nothing left to do.

    Parameters
    ----------
    arguments
        Directory of the sweep, file of case names, index of the case, perhaps ``--allow-code``.
    """
    # Slurm never runs a job twice at once: whoever held the directory, on a node that failed
    # perhaps, is gone.
    again = os.environ.get("SLURM_RESTART_COUNT", "0") != "0"
    sweep = Sweep(Path(arguments[0]), break_lock=again)
    case = Path(arguments[1]).read_text().split()[int(arguments[2])]
    sweep.free([case])
    if sweep.state_of(case).status != "finished":
        command = sweep.run_command(case, "--allow-code" in arguments[3:])
        os.execve(command[0], command, one_thread_environment())


if __name__ == "__main__":
    main(sys.argv[1:])

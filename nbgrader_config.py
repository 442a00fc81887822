"""nbgrader's configuration: run `nbgrader generate_assignment phase-1-tests` and the like in this folder.

`opchaos up` before a night of grading keeps the lab's engine running; else each submission starts it anew.
"""

import os
import sys
import warnings
from pathlib import Path

c = get_config()  # noqa: F821 - given by traitlets

c.CourseDirectory.course_id = "operation-chaos"
c.CourseDirectory.source_directory = "notebooks"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
# The gradebook is `gradebook.db` beside this file: nbgrader's default follows `--course-dir`.
# A participant's mission folder is large, and grading never looks at it: answers are in the notebook.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "mission"]

# The stub is valid Python as it stands, so that every cell can be run; `%%answer` refuses it as "not answered yet".
c.ClearSolutions.code_stub = {"python": "# YOUR ANSWER HERE"}
c.ClearSolutions.begin_solution_delimeter = "### BEGIN SOLUTION"  # nbgrader spells it so
c.ClearSolutions.end_solution_delimeter = "### END SOLUTION"

# The longest check repeats the integration tests; nbgrader's own limit is 30 s a cell.
c.Execute.timeout = 180
# A kernel takes its lab down when it ends; half of this time, and it would be stopped in the middle of that.
c.KernelManager.shutdown_wait_time = 120.0

c.NbGrader.log_level = "WARN"
# A thousand submissions, and no line that says nothing: the kernels' notes on encryption, SQLAlchemy's on nbgrader.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
warnings.filterwarnings("ignore", message="Object of type .* not in session")

# The kernel `python3` is this environment's, whatever the user has in ~/.local.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
# nbgrader calls `alembic` by its name, which fails where this environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

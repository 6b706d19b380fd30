"""The job that stands for each operation, in the worker's settings and in texts for administrators."""

from writeback.envelope.jobs import ChangePassword, Job, Operation, ResetPassword, SignIn, UnlockAccount

JOB_OF: dict[Operation, type[Job]] = {
    Operation.RESET: ResetPassword,
    Operation.UNLOCK: UnlockAccount,
    Operation.CHANGE: ChangePassword,
    Operation.REGISTER: SignIn,
}
"""The job without which nobody can complete an operation."""

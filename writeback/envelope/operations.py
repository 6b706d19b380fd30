"""Which job stands for each operation, in the settings of a worker and in what administrators are told."""

from writeback.envelope.jobs import ChangePassword, Job, Operation, ResetPassword, SignIn, UnlockAccount

JOB_OF: dict[Operation, type[Job]] = {
    Operation.RESET: ResetPassword,
    Operation.UNLOCK: UnlockAccount,
    Operation.CHANGE: ChangePassword,
    Operation.REGISTER: SignIn,
}
"""The job without which nobody can do what an operation is for."""
